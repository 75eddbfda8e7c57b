//! Where values are looked for: a list of sources, the first of which to know a value gives it.
//!
//! A new kind of file is one more implementation of [`Source`] and one more place in the list.

use crate::Origin;
use crate::setting::{Flag, Setting};
use clap::ArgMatches;

/// The text of a value, not yet read, and where it came from. Not `Debug`: it may be a secret.
#[derive(Clone)]
pub(crate) struct Raw {
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// One place that may know values.
pub(crate) trait Source {
    /// The value it has for a setting, if any.
    fn find(&self, setting: &Setting) -> Option<Raw>;
}

/// The command line.
pub(crate) struct Flags<'a>(pub(crate) &'a ArgMatches);

impl Source for Flags<'_> {
    fn find(&self, setting: &Setting) -> Option<Raw> {
        let origin = match setting.flag {
            Flag::None => return None,
            Flag::Positional => Origin::Argument(setting.spelling()),
            Flag::Long | Flag::Short(_) => Origin::Flag(setting.spelling()),
        };
        let values = self.0.try_get_many::<String>(setting.key).ok().flatten()?;
        let words: Vec<&str> = values.map(String::as_str).collect();
        Some(Raw { text: words.join(" "), origin })
    }
}

/// The environment; a variable set to nothing counts as not set, as in Locust.
pub(crate) struct Environment<'a>(pub(crate) &'a dyn Fn(&str) -> Option<String>);

impl Source for Environment<'_> {
    fn find(&self, setting: &Setting) -> Option<Raw> {
        setting.env.iter().find_map(|&name| {
            let text = (self.0)(name).filter(|text| !text.is_empty())?;
            Some(Raw { text, origin: Origin::Environment(name.to_owned()) })
        })
    }
}
