//! Locust's own files: `pyproject.toml` with `[tool.locust]`, `locust.conf`, `~/.locust.conf`.
//!
//! Their keys are Locust's long flags. Those that mean the same here are taken, an empty value
//! counts as not set, and keys that mean nothing here are told, all in one warning: a file that
//! Locust reads too has them with good reason.

use crate::near::nearest;
use crate::setting::Setting;
use crate::settings::LOAD;
use crate::source::{Raw, Source};
use crate::{ConfigError, Origin};
use std::fmt;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Keys that Locust 2.47 has and that mean nothing here, or something else.
const OTHERS: [&str; 43] = [
    "autoquit",
    "autostart",
    "build-path",
    "class-picker",
    "config",
    "config-users",
    "csv-full-history",
    "enable-rebalancing",
    "equal-weights",
    "exclude-tags",
    "expect-workers",
    "expect-workers-max-wait",
    "headful",
    "list",
    "locustfile",
    "master",
    "master-bind-host",
    "master-bind-port",
    "master-host",
    "master-port",
    "otel",
    "print-stats",
    "processes",
    "profile",
    "reset-stats",
    "show-task-ratio",
    "show-task-ratio-json",
    "skip-log-setup",
    "tags",
    "tls-cert",
    "tls-key",
    "version",
    "web-base-path",
    "web-host",
    "web-host-display-name",
    "web-login",
    "web-port",
    "worker",
    "help",
    "legacy-ui",
    "web-auth",
    "expect-slaves",
    "slave",
];

/// Keys of Locust's files that are not in force here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoredKeys {
    found: Vec<String>,
}

impl IgnoredKeys {
    fn add(&mut self, file: &str, line: usize, key: &str) {
        let key: String = key.chars().filter(|c| !c.is_control()).collect();
        let misspelt = !OTHERS.contains(&key.as_str());
        let near = nearest(&key, shared().map(|setting| setting.key)).filter(|_| misspelt);
        let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
        self.found.push(format!("`{key}` ({file} line {line}{hint})"));
    }

    /// True when every key is in force.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

impl fmt::Display for IgnoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings that victor does not have are ignored: {}", self.found.join(", "))
    }
}

/// A file of Locust's, its values kept as text.
pub(crate) struct LocustFile {
    values: Vec<(&'static str, Raw)>,
}

impl Source for LocustFile {
    fn find(&self, setting: &Setting) -> Option<Raw> {
        // The last of two lines with the same key counts.
        self.values.iter().rev().find(|(key, _)| *key == setting.key).map(|(_, raw)| raw.clone())
    }
}

fn shared() -> impl Iterator<Item = &'static Setting> {
    LOAD.iter().copied().filter(|setting| setting.locust)
}

/// Locust's files, the strongest first: the one of `--config`, if it is one, then `pyproject.toml`
/// and `locust.conf` in `cwd`, then `.locust.conf` in `home`. This is the order that Locust
/// measurably keeps; its manual has the middle two the other way round.
pub(crate) fn files(
    named: Option<&Path>,
    cwd: &Path,
    home: Option<&str>,
    ignored: &mut IgnoredKeys,
) -> Result<Vec<LocustFile>, ConfigError> {
    let mut files = Vec::new();
    if let Some(path) = named {
        let name = path.display().to_string();
        files.push(LocustFile::of_conf(&read(&cwd.join(path), &name)?, &name, ignored)?);
    }
    if let Some(text) = read_if_there(&cwd.join("pyproject.toml"), "pyproject.toml")? {
        files.push(LocustFile::of_pyproject(&text, "pyproject.toml", ignored)?);
    }
    if let Some(text) = read_if_there(&cwd.join("locust.conf"), "locust.conf")? {
        files.push(LocustFile::of_conf(&text, "locust.conf", ignored)?);
    }
    let own = home.filter(|home| !home.is_empty()).map(|home| Path::new(home).join(".locust.conf"));
    if let Some(path) = own
        && let Some(text) = read_if_there(&path, "~/.locust.conf")?
    {
        files.push(LocustFile::of_conf(&text, "~/.locust.conf", ignored)?);
    }
    Ok(files)
}

fn read(path: &Path, name: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|reason| ConfigError::Unreadable { file: name.to_owned(), reason })
}

fn read_if_there(path: &Path, name: &str) -> Result<Option<String>, ConfigError> {
    if path.is_file() { read(path, name).map(Some) } else { Ok(None) }
}

impl LocustFile {
    /// The grammar of `ConfigArgParse`, which Locust reads its file with: `key = value`,
    /// `key: value`, `key value`, or a key alone for a switch; values may be quoted, and a comment
    /// begins with `#` or `;` after a blank. Headers of sections are skipped.
    fn of_conf(text: &str, name: &str, ignored: &mut IgnoredKeys) -> Result<Self, ConfigError> {
        let mut file = Self { values: Vec::new() };
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with(['#', ';', '[']) || content == "---" {
                continue;
            }
            let (key, value) = pair(content)
                .ok_or_else(|| ConfigError::NotLocust { file: name.to_owned(), line })?;
            file.take(name, line, key, value, ignored);
        }
        Ok(file)
    }

    /// The table `[tool.locust]`; a file without it has nothing to say.
    fn of_pyproject(
        text: &str,
        name: &str,
        ignored: &mut IgnoredKeys,
    ) -> Result<Self, ConfigError> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let root = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            file: name.to_owned(),
            line: line(error.span().map_or(0, |span| span.start)),
            column: 1,
            message: error.message().replace(|c: char| c.is_control(), " "),
        })?;
        let mut file = Self { values: Vec::new() };
        let tool = root.get_ref().get("tool").and_then(|tool| tool.get_ref().as_table());
        let table = tool.and_then(|tool| tool.get("locust")?.get_ref().as_table());
        for (key, value) in table.into_iter().flatten() {
            let at = line(key.span().start);
            file.take(name, at, key.get_ref(), text_of(value.get_ref()), ignored);
        }
        Ok(file)
    }

    fn take(
        &mut self,
        name: &str,
        line: usize,
        key: &str,
        text: String,
        ignored: &mut IgnoredKeys,
    ) {
        let Some(setting) = shared().find(|setting| setting.key == key) else {
            ignored.add(name, line, key);
            return;
        };
        if !text.is_empty() {
            let origin = Origin::File { name: name.to_owned(), key: key.to_owned(), line };
            self.values.push((setting.key, Raw { text, origin }));
        }
    }
}

/// A line's key and value.
fn pair(line: &str) -> Option<(&str, String)> {
    let end = line.find([':', '=', ';', '#']).unwrap_or(line.len());
    let end = line.find(char::is_whitespace).map_or(end, |blank| blank.min(end));
    let (key, rest) = line.split_at(end);
    if key.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with(['#', ';']) {
        return Some((key, "true".to_owned()));
    }
    let rest = rest.strip_prefix([':', '=']).unwrap_or(rest).trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let (inner, after) = rest.strip_prefix(quote)?.split_once(quote)?;
        let after = after.trim_start();
        (after.is_empty() || after.starts_with(['#', ';'])).then_some(inner)
    });
    Some((key, quoted.unwrap_or_else(|| uncommented(rest)).to_owned()))
}

/// Without the comment, which begins after a blank.
fn uncommented(text: &str) -> &str {
    let mut blank = true;
    for (at, c) in text.char_indices() {
        if blank && matches!(c, '#' | ';') {
            return text[..at].trim_end();
        }
        blank = c.is_whitespace();
    }
    text
}

fn text_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(all) => {
            let all: Vec<String> = all.iter().map(|one| text_of(one.get_ref())).collect();
            all.join(" ")
        }
        DeValue::Table(_) => "{…}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_locust_reads_them() {
        let cases = [
            ("users = 5", ("users", "5")),
            ("users: 5", ("users", "5")),
            ("users 5", ("users", "5")),
            ("users=5 # five", ("users", "5")),
            ("headless", ("headless", "true")),
            ("headless ; no page", ("headless", "true")),
            ("host = \"http://a:1\"", ("host", "http://a:1")),
            ("host: http://a:1/#part", ("host", "http://a:1/#part")),
            ("html =", ("html", "")),
            ("tags = [a, b]", ("tags", "[a, b]")),
        ];
        for (line, (key, value)) in cases {
            assert_eq!(pair(line), Some((key, value.to_owned())), "{line}");
        }
        assert_eq!(pair("= 5"), None);
    }

    #[test]
    fn keys_that_mean_nothing_here_are_named_with_their_place() {
        let mut ignored = IgnoredKeys::default();
        let text = "[section]\n# note\nlocustfile = a.py\nuser = 3\nusers = 4\nusers = 5\n";
        let file = LocustFile::of_conf(text, "locust.conf", &mut ignored).expect("reads");
        let users = LOAD.iter().find(|setting| setting.key == "users").expect("users");
        assert_eq!(file.find(users).map(|raw| raw.text).as_deref(), Some("5"));
        assert_eq!(
            ignored.to_string(),
            "settings that victor does not have are ignored: `locustfile` (locust.conf line 3), \
             `user` (locust.conf line 4, did you mean `users`?)"
        );
        // Locust's key and certificate are those of its web page.
        let page = LocustFile::of_conf("tls-cert = a.pem\n", "locust.conf", &mut ignored);
        assert!(page.expect("reads").values.is_empty());
    }
}
