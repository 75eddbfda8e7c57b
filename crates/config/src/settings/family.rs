//! Families of settings: what all of one kind have in common.

use crate::Problem;
use crate::read;
use crate::setting::{Fallback, Flag, Key, Kind, Section, Table};
use std::path::PathBuf;
use std::time::Duration;

use Fallback::{Computed, Nothing, Value};

pub(super) const fn switch(key: &'static str, section: Section, help: &'static str) -> Key<bool> {
    Key::new(key, Kind::Switch, section, read::switch).fallback(Value("false")).help("BOOL", help)
}

pub(super) const fn file(key: &'static str, env: &'static [&'static str]) -> Key<PathBuf> {
    Key::new(key, Kind::Text, Section::Results, read::path)
        .env(env)
        .fallback(Nothing("not written"))
}

pub(super) const fn timeout(
    key: &'static str,
    default: fn() -> String,
    help: &'static str,
) -> Key<Duration> {
    Key::new(key, Kind::Number, Section::Limits, read::seconds)
        .table(Some(Table::Limits))
        .fallback(Computed(default))
        .help("SECONDS", help)
}

pub(super) const fn target(
    key: &'static str,
    read: fn(&str) -> Result<Option<f64>, Problem>,
    default: fn() -> String,
    help: &'static str,
) -> Key<Option<f64>> {
    Key::new(key, Kind::Limit, Section::Targets, read)
        .flag(Flag::None)
        .table(Some(Table::Targets))
        .fallback(Computed(default))
        .help("LIMIT", help)
}

pub(super) fn seconds(span: Duration) -> String {
    span.as_secs_f64().to_string()
}

pub(super) fn limit(limit: Option<f64>) -> String {
    limit.map_or_else(|| "false".to_owned(), |limit| limit.to_string())
}
