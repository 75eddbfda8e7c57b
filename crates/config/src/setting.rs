//! What there is to say about one setting: the row type of the table in `settings.rs`.

use crate::problem::Problem;

/// What a value looks like; decides the TOML types that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A length of time such as `5m`.
    Time,
    /// On or off.
    Switch,
    /// A number, or `false` for "no limit".
    Limit,
    /// A list of names.
    Names,
}

/// How a setting is given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    /// Not at all.
    None,
    /// `--key`.
    Long,
    /// `-k` or `--key`.
    Short(char),
    /// By position.
    Positional,
}

/// A table of `victor.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// `[load]`
    Load,
    /// `[targets]`
    Targets,
    /// `[limits]`
    Limits,
    /// `[transport]`
    Transport,
}

impl Table {
    pub(crate) const ALL: [Self; 4] = [Self::Load, Self::Targets, Self::Limits, Self::Transport];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Targets => "targets",
            Self::Limits => "limits",
            Self::Transport => "transport",
        }
    }
}

/// Which part of the help and of the reference page a setting belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Where the load goes.
    Target,
    /// How much load.
    Load,
    /// What users do when a turn goes badly.
    Habits,
    /// What ends the run early.
    Stop,
    /// What lies between a turn and its bytes.
    Transport,
    /// How long to wait for what.
    Limits,
    /// What counts as good enough.
    Targets,
    /// What is written.
    Results,
    /// How the command behaves.
    Command,
}

impl Section {
    pub(crate) const ALL: [Self; 9] = [
        Self::Target,
        Self::Load,
        Self::Habits,
        Self::Stop,
        Self::Transport,
        Self::Limits,
        Self::Targets,
        Self::Results,
        Self::Command,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Load => "Load",
            Self::Habits => "Habits of users",
            Self::Stop => "Ending early",
            Self::Transport => "Connections",
            Self::Limits => "Time limits of a turn",
            Self::Targets => "Targets",
            Self::Results => "Results",
            Self::Command => "Command",
        }
    }
}

/// The value of a setting that no source gives.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fallback {
    /// This, written as a user would write it.
    Value(&'static str),
    /// A value that another crate owns.
    Computed(fn() -> String),
    /// None; the text says what happens then.
    Nothing(&'static str),
}

/// Everything about a setting but its Rust type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Long flag without its dashes, and key in `victor.toml`.
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) section: Section,
    pub(crate) flag: Flag,
    /// Environment variables; an earlier one wins.
    pub(crate) env: &'static [&'static str],
    /// Where it stands in `victor.toml`, if it may.
    pub(crate) table: Option<Table>,
    /// Whether Locust's files have it under the same key, with the same meaning.
    pub(crate) locust: bool,
    pub(crate) fallback: Fallback,
    /// Placeholder of the value in the help.
    pub(crate) value: &'static str,
    pub(crate) help: &'static str,
}

impl Setting {
    /// How the command line spells it: `--users`.
    pub(crate) fn spelling(&self) -> String {
        match self.flag {
            Flag::Positional => self.value.split('[').next().unwrap_or(self.value).to_owned(),
            Flag::None | Flag::Long | Flag::Short(_) => format!("--{}", self.key),
        }
    }

    /// The text of the default, if there is one.
    pub(crate) fn default_text(&self) -> Option<String> {
        match self.fallback {
            Fallback::Value(text) => Some(text.to_owned()),
            Fallback::Computed(text) => Some(text()),
            Fallback::Nothing(_) => None,
        }
    }

    /// The default for people: its text, or what happens without one.
    pub(crate) fn default_shown(&self) -> String {
        match self.fallback {
            Fallback::Nothing(meaning) => meaning.to_owned(),
            Fallback::Value(_) | Fallback::Computed(_) => self.default_text().unwrap_or_default(),
        }
    }
}

/// A setting with the function that reads its text, and so with its Rust type.
#[derive(Debug)]
pub(crate) struct Key<T> {
    pub(crate) setting: Setting,
    pub(crate) read: fn(&str) -> Result<T, Problem>,
}

impl<T> Key<T> {
    /// A setting with a long flag, in `[load]`, without a default.
    pub(crate) const fn new(
        key: &'static str,
        kind: Kind,
        section: Section,
        read: fn(&str) -> Result<T, Problem>,
    ) -> Self {
        let setting = Setting {
            key,
            kind,
            section,
            flag: Flag::Long,
            env: &[],
            table: Some(Table::Load),
            locust: false,
            fallback: Fallback::Nothing(""),
            value: "VALUE",
            help: "",
        };
        Self { setting, read }
    }

    pub(crate) const fn flag(mut self, flag: Flag) -> Self {
        self.setting.flag = flag;
        self
    }

    pub(crate) const fn env(mut self, names: &'static [&'static str]) -> Self {
        self.setting.env = names;
        self
    }

    pub(crate) const fn table(mut self, table: Option<Table>) -> Self {
        self.setting.table = table;
        self
    }

    /// Also taken from Locust's files.
    pub(crate) const fn locust(mut self) -> Self {
        self.setting.locust = true;
        self
    }

    pub(crate) const fn fallback(mut self, fallback: Fallback) -> Self {
        self.setting.fallback = fallback;
        self
    }

    pub(crate) const fn help(mut self, value: &'static str, help: &'static str) -> Self {
        self.setting.value = value;
        self.setting.help = help;
        self
    }
}
