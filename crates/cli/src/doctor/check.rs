//! One thing looked at, and how it is shown.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grade {
    Good,
    Caution,
    Bad,
}

/// What was looked at, what was found, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(crate) what: &'static str,
    pub(crate) grade: Grade,
    pub(crate) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

impl Check {
    pub(crate) fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, grade: Grade::Good, found: found.into(), fix: None }
    }

    pub(crate) fn caution(
        what: &'static str,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what, grade: Grade::Caution, found: found.into(), fix: Some(fix.into()) }
    }

    pub(crate) fn bad(
        what: &'static str,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what, grade: Grade::Bad, found: found.into(), fix: Some(fix.into()) }
    }

    /// Good, or a caution with its fix.
    pub(crate) fn unless(doubt: bool, what: &'static str, found: String, fix: &str) -> Self {
        if doubt { Self::caution(what, found, fix) } else { Self::good(what, found) }
    }
}

/// A line for each check, and the fix below it where there is one.
pub(crate) fn table(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.what.len()).max().unwrap_or(0);
    let line = |check: &Check| {
        let grade = match check.grade {
            Grade::Good => "good",
            Grade::Caution => "caution",
            Grade::Bad => "bad",
        };
        let fix = check.fix.iter().map(|fix| format!("{:9}{:width$}  fix: {fix}\n", "", ""));
        format!("{grade:7}  {:width$}  {}\n{}", check.what, check.found, fix.collect::<String>())
    };
    checks.iter().map(line).collect()
}

/// The same as a JSON array.
pub(crate) fn json(checks: &[Check]) -> String {
    // Plain strings cannot fail to serialise.
    serde_json::to_string_pretty(checks).unwrap_or_default()
}
