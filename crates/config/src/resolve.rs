//! Layers of sources become values: for each setting the first source that knows it wins.

use crate::origin::Row;
use crate::setting::{Key, Kind, Setting};
use crate::settings::LOAD;
use crate::source::{Raw, Source};
use crate::{ConfigError, Origin, Origins, Problem};

/// Every setting of the table with its text, where there is one.
pub(crate) struct Resolved {
    found: Vec<(&'static Setting, Option<Raw>)>,
}

impl Resolved {
    /// Asks the sources in order; behind them all stand the defaults.
    pub(crate) fn new(sources: &[&dyn Source]) -> Self {
        let default = |setting: &Setting| {
            setting.default_text().map(|text| Raw { text, origin: Origin::Default })
        };
        let find = |setting: &Setting| sources.iter().find_map(|source| source.find(setting));
        let found = LOAD.iter().map(|&one| (one, find(one).or_else(|| default(one))));
        Self { found: found.collect() }
    }

    fn raw(&self, setting: &Setting) -> Option<&Raw> {
        let same = self.found.iter().find(|(other, _)| other.key == setting.key);
        same.and_then(|(_, raw)| raw.as_ref())
    }

    /// The value of a setting that may have none.
    pub(crate) fn optional<T>(&self, key: &Key<T>) -> Result<Option<T>, ConfigError> {
        self.raw(&key.setting).map(|raw| read(key, raw)).transpose()
    }

    /// The value of a setting that has a default.
    pub(crate) fn required<T>(&self, key: &Key<T>) -> Result<T, ConfigError> {
        let nothing = || Raw { text: String::new(), origin: Origin::Default };
        read(key, &self.raw(&key.setting).cloned().unwrap_or_else(nothing))
    }

    /// The error of a value that reads well but makes no sense.
    pub(crate) fn refuse<T>(&self, key: &Key<T>, problem: Problem) -> ConfigError {
        let origin = self.raw(&key.setting).map_or(Origin::Default, |raw| raw.origin.clone());
        ConfigError::Value { key: key.setting.key, origin, problem: Box::new(problem) }
    }

    /// Replaces what has no source by what was chosen for it.
    pub(crate) fn choose<T>(&mut self, key: &Key<T>, text: &str) {
        for (setting, raw) in &mut self.found {
            if setting.key == key.setting.key && raw.is_none() {
                *raw = Some(Raw { text: text.to_owned(), origin: Origin::Drawn });
            }
        }
    }

    /// What `--show-config` shows.
    pub(crate) fn origins(&self) -> Origins {
        let row = |(setting, raw): &(&'static Setting, Option<Raw>)| {
            let (value, origin) = match raw {
                Some(raw) => (shown(setting, &raw.text), raw.origin.clone()),
                None => (setting.default_shown(), Origin::Default),
            };
            Row { key: setting.key, value, origin }
        };
        Origins::new(self.found.iter().map(row).collect())
    }
}

fn shown(setting: &Setting, text: &str) -> String {
    if setting.kind == Kind::Secret { "***".to_owned() } else { text.to_owned() }
}

fn read<T>(key: &Key<T>, raw: &Raw) -> Result<T, ConfigError> {
    let control = raw.text.contains(char::is_control);
    let value = if control { Err(Problem::Control) } else { (key.read)(&raw.text) };
    value.map_err(|problem| ConfigError::Value {
        key: key.setting.key,
        origin: raw.origin.clone(),
        problem: Box::new(problem),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::{Flag, Table};
    use crate::{load_command, resolve_load};

    const CLASSES: [&str; 3] = ["VictorLoadTest", "ChatUser", "APIUser"];

    /// Two values that a setting can have, neither its default.
    fn samples(setting: &Setting) -> [&'static str; 2] {
        match (setting.key, setting.kind) {
            ("host", _) => ["http://a:1", "http://b:2"],
            ("loglevel", _) => ["DEBUG", "ERROR"],
            ("api", _) => ["openai", "anthropic"],
            ("slo", _) => ["ttft:300ms", "e2e:2s"],
            ("arrivals", _) => ["poisson", "gamma:2"],
            ("stages" | "arrival-stages", _) => ["5s:3", "10s:5@2"],
            ("shape", _) => ["step", "soak"],
            ("retry-backoff", _) => ["1s..2s", "5ms..10s"],
            ("patience", _) => ["1500ms", "5s"],
            ("stop-on-p95", _) => ["500ms:10s", "1s:1m"],
            ("transport", _) => ["ws", "http"],
            ("http-version", _) => ["1", "2"],
            ("connection-reuse", _) => ["per-request", "shared:2"],
            ("proxy", _) => ["env", "http://p:1"],
            ("source-address", _) => ["127.0.0.1", "127.0.0.2,::1"],
            ("endpoint", _) => ["/a", "/b"],
            ("method", _) => ["PUT", "DELETE"],
            ("single", _) => ["ChatUser", "APIUser"],
            ("wait", _) => ["none", "between:1,3"],
            (_, Kind::Secret) => ["key-a", "key-b"],
            (_, Kind::Text) => ["one", "two"],
            (_, Kind::Whole) => ["7", "8"],
            (_, Kind::Number | Kind::Limit) => ["0.25", "0.5"],
            (_, Kind::Time) => ["7s", "2m"],
            (_, Kind::Switch) => ["true", "false"],
            (_, Kind::Names) => ["ChatUser=2", "APIUser"],
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Place {
        Flag,
        Env(&'static str),
        File(Table),
        Pyproject,
        Conf,
        HomeConf,
    }

    fn places(setting: &Setting) -> Vec<Place> {
        let flag = (setting.flag != Flag::None).then_some(Place::Flag);
        let env = setting.env.iter().map(|&name| Place::Env(name));
        let locust = [Place::Pyproject, Place::Conf, Place::HomeConf];
        let locust = locust.into_iter().filter(|_| setting.locust);
        flag.into_iter().chain(env).chain(setting.table.map(Place::File)).chain(locust).collect()
    }

    fn file_line(setting: &Setting, table: Table, text: &str) -> String {
        let value = match setting.kind {
            Kind::Text | Kind::Secret | Kind::Time | Kind::Names => format!("\"{text}\""),
            Kind::Whole | Kind::Number | Kind::Switch | Kind::Limit => text.to_owned(),
        };
        format!("[{}]\n\n{} = {value}\n", table.name(), setting.key)
    }

    /// Resolves with `setting` given at each of `places`; returns what is shown for it.
    fn resolve(setting: &Setting, given: &[(Place, &'static str)]) -> (String, String) {
        let folder = tempfile::tempdir().expect("folder");
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("folder");
        let (mut words, mut variables) = (vec!["load".to_owned()], Vec::new());
        match setting.key {
            "payload" => {
                for name in samples(setting) {
                    std::fs::write(folder.path().join(name), "{}").expect("file");
                }
            }
            "concurrency" => words.push("--endpoint=/a".to_owned()),
            _ => {}
        }
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("file");
        };
        let conf = |text: &str| format!("# Locust's\n\n{} = {text}\n", setting.key);
        for &(place, text) in given {
            match place {
                Place::Flag if setting.flag == Flag::Positional => words.push(text.to_owned()),
                Place::Flag => words.push(format!("{}={text}", setting.spelling())),
                Place::Env(name) => variables.push((name, text)),
                Place::File(table) => write("victor.toml", file_line(setting, table, text)),
                Place::Pyproject => {
                    let text = format!("[tool.locust]\n\n{} = \"{text}\"\n", setting.key);
                    write("pyproject.toml", text);
                }
                Place::Conf => write("locust.conf", conf(text)),
                Place::HomeConf => write("home/.locust.conf", conf(text)),
            }
        }
        let matches = load_command().try_get_matches_from(words).expect("flags");
        let env = |name: &str| {
            if name == "HOME" {
                return home.to_str().map(ToOwned::to_owned);
            }
            variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        let config = resolve_load(&matches, &env, folder.path(), &CLASSES).expect("resolves");
        let origin = config.origins.of(setting.key).expect("row").to_string();
        (config.origins.value_of(setting.key).expect("row").to_owned(), origin)
    }

    fn origin_at(setting: &Setting, place: Place) -> String {
        match place {
            Place::Flag if setting.flag == Flag::Positional => {
                format!("argument {}", setting.spelling())
            }
            Place::Flag => format!("flag --{}", setting.key),
            Place::Env(name) => format!("environment {name}"),
            Place::File(_) => "victor.toml line 3".to_owned(),
            Place::Pyproject => "pyproject.toml line 3".to_owned(),
            Place::Conf => "locust.conf line 3".to_owned(),
            Place::HomeConf => "~/.locust.conf line 3".to_owned(),
        }
    }

    #[test]
    fn of_every_two_sources_the_higher_wins_for_every_setting() {
        let mut pairs = 0;
        // A --config that names no file is refused; its own tests are in tests/load.rs.
        for setting in LOAD.iter().filter(|setting| setting.key != "config") {
            let places = places(setting);
            for (at, &higher) in places.iter().enumerate() {
                for &lower in &places[at + 1..] {
                    let [a, b] = samples(setting);
                    for (high, low) in [(a, b), (b, a)] {
                        let (value, origin) = resolve(setting, &[(lower, low), (higher, high)]);
                        assert_eq!(value, shown(setting, high), "{} {higher:?}", setting.key);
                        assert_eq!(origin, origin_at(setting, higher), "{}", setting.key);
                        pairs += 1;
                    }
                }
            }
        }
        assert!(pairs > 100, "only {pairs} pairs were tried");
    }

    #[test]
    fn every_source_alone_beats_the_default() {
        for setting in LOAD.iter().filter(|setting| setting.key != "config") {
            for place in places(setting) {
                let [value, _] = samples(setting);
                let (found, origin) = resolve(setting, &[(place, value)]);
                assert_eq!(found, shown(setting, value), "{}", setting.key);
                assert_eq!(origin, origin_at(setting, place), "{}", setting.key);
            }
            let (value, origin) = resolve(setting, &[]);
            if setting.key == "seed" {
                assert!(value.parse::<u32>().is_ok() && origin == "drawn at random", "{value}");
            } else {
                assert_eq!((value, origin), (setting.default_shown(), "default".to_owned()));
            }
        }
    }

    #[test]
    fn keys_flags_and_variables_are_said_once() {
        let mut seen = std::collections::HashSet::new();
        for setting in LOAD {
            assert!(seen.insert(setting.key.to_owned()), "key {} twice", setting.key);
            assert!(!setting.help.is_empty() && !setting.default_shown().is_empty());
            for name in setting.env {
                assert!(seen.insert((*name).to_owned()), "variable {name} twice");
            }
        }
        load_command().debug_assert();
    }
}
