//! `victor.toml`: read once, every key and type checked with its line, values kept as text.

use crate::ConfigError;
use crate::Origin;
use crate::near::nearest;
use crate::setting::{Kind, Setting, Table};
use crate::settings::{LOAD, STAGES};
use crate::source::{Raw, Source};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The array of tables `[[stage]]`, which is another way to write the setting `stages`.
const STAGE: &str = "stage";

/// A checked file. Not `Debug`: it may hold a secret.
pub(crate) struct File {
    values: Vec<(&'static str, Raw)>,
}

impl Source for File {
    fn find(&self, setting: &Setting) -> Option<Raw> {
        self.values.iter().find(|(key, _)| *key == setting.key).map(|(_, raw)| raw.clone())
    }
}

impl File {
    /// Reads and checks the file at `path`, which messages call `name`.
    pub(crate) fn read(path: &Path, name: &str) -> Result<Self, ConfigError> {
        let unreadable = |reason| ConfigError::Unreadable { file: name.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&Text { name, text: &text })
    }

    fn parse(file: &Text<'_>) -> Result<Self, ConfigError> {
        let root = DeTable::parse(file.text).map_err(|error| file.syntax(&error))?;
        let mut values = Vec::new();
        for entry in in_order(root.get_ref()) {
            if entry.key == STAGE {
                values.push(file.stages(&entry)?);
                continue;
            }
            let Some(table) = Table::ALL.into_iter().find(|table| table.name() == entry.key) else {
                return Err(file.unknown(&entry, entry.key, hint_of_table(entry.key)));
            };
            let Some(content) = entry.value.as_table() else {
                let key = entry.key.to_owned();
                return Err(file.wrong(&entry, key, "a table of settings, [name] on its own line"));
            };
            for inner in in_order(content) {
                values.push(file.value(table, &inner)?);
            }
        }
        Ok(Self { values })
    }
}

/// A key with its value and place.
struct Entry<'a> {
    key: &'a str,
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

fn in_order<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
        let name: &std::borrow::Cow<'a, str> = key.get_ref();
        Entry { key: name.as_ref(), span: key.span(), value: value.get_ref() }
    };
    let mut entries: Vec<Entry<'a>> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.span.start);
    entries
}

/// The file's text and the name it goes by.
struct Text<'a> {
    name: &'a str,
    text: &'a str,
}

impl Text<'_> {
    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }

    fn value(&self, table: Table, entry: &Entry<'_>) -> Result<(&'static str, Raw), ConfigError> {
        let here = |setting: &&&Setting| setting.table == Some(table) && setting.key == entry.key;
        let path = format!("{}.{}", table.name(), entry.key);
        let Some(setting) = LOAD.iter().find(here) else {
            return Err(self.unknown(entry, &path, hint_of_key(table, entry.key)));
        };
        let Some(text) = text_of(entry.value, setting.kind) else {
            return Err(self.wrong(entry, path, expected(setting.kind)));
        };
        let line = self.line(entry.span.start);
        let origin = Origin::File { name: self.name.to_owned(), key: path, line };
        Ok((setting.key, Raw { text, origin }))
    }

    /// `[[stage]]` tables as the text of `--stages`.
    fn stages(&self, entry: &Entry<'_>) -> Result<(&'static str, Raw), ConfigError> {
        let wrong = || {
            let expected = "[[stage]] tables with duration and users, and spawn-rate if wanted";
            self.wrong(entry, STAGE.to_owned(), expected)
        };
        let mut stages = Vec::new();
        for table in entry.value.as_array().ok_or_else(wrong)? {
            let table = table.get_ref().as_table().ok_or_else(wrong)?;
            let (mut length, mut users, mut rate) = (None, None, String::new());
            for inner in in_order(table) {
                let text = |kind| {
                    let path = format!("{STAGE}.{}", inner.key);
                    text_of(inner.value, kind)
                        .ok_or_else(|| self.wrong(&inner, path, expected(kind)))
                };
                match inner.key {
                    "duration" => length = Some(text(Kind::Time)?),
                    "users" => users = Some(text(Kind::Whole)?),
                    "spawn-rate" => rate = format!("@{}", text(Kind::Number)?),
                    key => {
                        let hint = "a stage has duration, users and spawn-rate".to_owned();
                        return Err(self.unknown(&inner, &format!("{STAGE}.{key}"), hint));
                    }
                }
            }
            let (Some(length), Some(users)) = (length, users) else { return Err(wrong()) };
            stages.push(format!("{length}:{users}{rate}"));
        }
        let line = self.line(entry.span.start);
        let origin = Origin::File { name: self.name.to_owned(), key: STAGE.to_owned(), line };
        Ok((STAGES.setting.key, Raw { text: stages.join(","), origin }))
    }

    fn unknown(&self, entry: &Entry<'_>, key: &str, hint: String) -> ConfigError {
        let line = self.line(entry.span.start);
        ConfigError::UnknownKey { file: self.name.to_owned(), line, key: clean(key), hint }
    }

    fn wrong(&self, entry: &Entry<'_>, key: String, expected: &'static str) -> ConfigError {
        let line = self.line(entry.span.start);
        let found = found(entry.value);
        ConfigError::WrongType { file: self.name.to_owned(), line, key, found, expected }
    }

    /// Only the parser's message is kept: its full text quotes the line, which may hold a key.
    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let at = error.span().map_or(0, |span| span.start);
        let before = &self.text[..self.text.floor_char_boundary(at)];
        let column = 1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        let message = clean(error.message());
        ConfigError::Syntax { file: self.name.to_owned(), line: self.line(at), column, message }
    }
}

/// On one line.
fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

fn hint_of_table(key: &str) -> String {
    let tables = || Table::ALL.into_iter().map(Table::name);
    if let Some(setting) = LOAD.iter().find(|setting| setting.key == key)
        && let Some(table) = setting.table
    {
        return format!("write it below [{}]", table.name());
    }
    match nearest(key, tables()) {
        Some(near) => format!("did you mean [{near}]?"),
        None => format!("the tables are [{}]", tables().collect::<Vec<_>>().join("], [")),
    }
}

fn hint_of_key(table: Table, key: &str) -> String {
    if let Some(other) = LOAD.iter().find(|setting| setting.key == key) {
        return match other.table {
            Some(table) => format!("it belongs below [{}]", table.name()),
            None => format!("it is a flag only, {}", other.spelling()),
        };
    }
    let here = || LOAD.iter().filter(|setting| setting.table == Some(table)).map(|s| s.key);
    match nearest(key, here()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("[{}] has {}", table.name(), here().collect::<Vec<_>>().join(", ")),
    }
}

/// The value as a user would write it in a flag; `None` when its type does not fit.
fn text_of(value: &DeValue<'_>, kind: Kind) -> Option<String> {
    match (kind, value) {
        (Kind::Text | Kind::Secret | Kind::Time | Kind::Names, DeValue::String(text)) => {
            Some(text.to_string())
        }
        (Kind::Whole | Kind::Number | Kind::Time | Kind::Limit, DeValue::Integer(number)) => {
            // Hexadecimal and the like become decimal; what no i128 holds is refused as a number.
            let read = i128::from_str_radix(number.as_str(), number.radix());
            Some(read.map_or_else(|_| number.to_string(), |number| number.to_string()))
        }
        (Kind::Number | Kind::Limit, DeValue::Float(number)) => Some(number.as_str().to_owned()),
        (Kind::Switch, DeValue::Boolean(on)) => Some(on.to_string()),
        (Kind::Limit, DeValue::Boolean(false)) => Some("false".to_owned()),
        (Kind::Names, DeValue::Array(names)) => {
            let names: Option<Vec<&str>> =
                names.iter().map(|name| name.get_ref().as_str()).collect();
            names.map(|names| names.join(" "))
        }
        _ => None,
    }
}

const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Secret => "a string, in quotes",
        Kind::Whole => "a whole number, without quotes",
        Kind::Number => "a number, without quotes",
        Kind::Time => "a length of time such as \"5m\", or whole seconds",
        Kind::Switch => "true or false, without quotes",
        Kind::Limit => "a number, or false to switch it off",
        Kind::Names => "an array of strings such as [\"VictorLoadTest=2\"]",
    }
}

const fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
