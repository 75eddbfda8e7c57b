//! Where values came from.

use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A flag, by its long spelling: `--users`.
    Flag(String),
    /// A positional argument, by its placeholder in the help.
    Argument(String),
    /// An environment variable.
    Environment(String),
    /// A configuration file.
    File {
        /// The file as it was named, `victor.toml`.
        name: String,
        /// The key with its table, `load.users`.
        key: String,
        /// Line, from 1.
        line: usize,
    },
    /// Nobody gave one.
    Default,
    /// Nobody gave one, so it was drawn at random.
    Drawn,
}

impl Origin {
    /// What an error message begins with.
    pub(crate) fn place(&self, key: &str) -> String {
        match self {
            Self::Flag(name) | Self::Argument(name) | Self::Environment(name) => name.clone(),
            Self::File { name, key, line } => format!("{name} line {line}, {key}"),
            Self::Default | Self::Drawn => format!("default of {key}"),
        }
    }
}

impl fmt::Display for Origin {
    /// `flag --users`, `environment VICTOR_API_HOST`, `victor.toml line 3`, `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Argument(name) => write!(f, "argument {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File { name, line, .. } => write!(f, "{name} line {line}"),
            Self::Default => f.write_str("default"),
            Self::Drawn => f.write_str("drawn at random"),
        }
    }
}

/// Every setting with the value in force and where it came from. Secrets are kept as `***`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

impl Origins {
    pub(crate) const fn new(rows: Vec<Row>) -> Self {
        Self { rows }
    }

    /// Where the value of `key` came from; `None` when there is no such setting.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&Origin> {
        self.row(key).map(|row| &row.origin)
    }

    /// The value of `key` as [`Origins::show`] prints it.
    #[must_use]
    pub fn value_of(&self, key: &str) -> Option<&str> {
        self.row(key).map(|row| row.value.as_str())
    }

    fn row(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.key == key)
    }

    /// The text of `--show-config`: a line for each setting with key, value and origin, aligned,
    /// each line ended.
    #[must_use]
    pub fn show(&self) -> String {
        let width = |text: fn(&Row) -> &str| {
            self.rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0)
        };
        let (keys, values) = (width(|row| row.key), width(|row| &row.value));
        let line =
            |row: &Row| format!("{:keys$}  {:values$}  {}\n", row.key, row.value, row.origin);
        self.rows.iter().map(line).collect()
    }
}
