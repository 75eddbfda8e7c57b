//! The reference page of `victor load`, made from the table of settings.

use crate::setting::{Flag, Section, Setting, Table};
use crate::settings::LOAD;
use std::fmt::{self, Write};
use victor_types::{ExitCode, FailureKind};

const OPENING: &str = "\
# `victor load`: settings, exit codes, failures

<!-- Generated from the table of settings: `VICTOR_BLESS=1 cargo test -p victor-config` writes it. -->

Each setting is looked for in this order, and the first place that has it wins: flag, environment
(variables from left to right; one set to nothing counts as not set), `victor.toml`, Locust's files,
default.
`victor load --show-config` tells where each value came from. The file is the one of `--config`, or
`victor.toml` in the working directory; keys stand in its tables `[load]`,
`[transport]`, `[limits]` and `[targets]`, and a key that means nothing is an error.

A switch (`BOOL`) is on when it is named; `--switch=false` takes it back. A flag given twice counts
the last time.
";

const LOCUST: &str = "\
Locust's files are looked at in Locust's order: one of `--config` that ends in `.conf`, `pyproject.toml`
(its table `[tool.locust]`), `locust.conf`, `~/.locust.conf`. Keys there that mean nothing here are
named in one warning and ignored. These are in force:";

/// The Markdown page `docs/reference/load.md`: every setting, every exit code, every way in which a
/// turn can fail.
#[must_use]
pub fn reference_page() -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut page);
    page
}

fn write_page(page: &mut String) -> fmt::Result {
    page.write_str(OPENING)?;
    let shared = LOAD.iter().filter(|setting| setting.locust);
    let shared: Vec<String> = shared.map(|setting| format!("`{}`", setting.key)).collect();
    writeln!(page, "\n{LOCUST}\n\n{}.", shared.join(", "))?;
    for section in Section::ALL {
        let settings: Vec<_> = LOAD.iter().filter(|one| one.section == section).collect();
        let title = section.title();
        if settings.iter().all(|setting| setting.flag == Flag::None) {
            writeln!(page, "\n## {title}\n\n| `victor.toml` | Default | Meaning |\n|---|---|---|")?;
            for setting in settings {
                writeln!(page, "| {} | {} | {} |", file(setting), default(setting), setting.help)?;
            }
            continue;
        }
        writeln!(page, "\n## {title}\n")?;
        writeln!(page, "| Flag | Environment | `victor.toml` | Default | Meaning |")?;
        writeln!(page, "|---|---|---|---|---|")?;
        for setting in settings {
            let (flag, env, file) = (flag(setting), env(setting), file(setting));
            writeln!(
                page,
                "| {flag} | {env} | {file} | {} | {} |",
                default(setting),
                setting.help
            )?;
        }
    }
    writeln!(page, "\n## Exit codes\n\n| Code | Meaning |\n|---|---|")?;
    for (code, meaning) in ExitCode::TABLE {
        writeln!(page, "| {} | {meaning} |", code.code())?;
    }
    writeln!(page, "\n## Failures\n")?;
    writeln!(page, "A failed turn has exactly one of these kinds: the first that applies.\n")?;
    writeln!(page, "| Code | Meaning |\n|---|---|")?;
    for kind in FailureKind::ALL {
        match kind {
            FailureKind::HttpStatus(_) => {
                writeln!(page, "| `http_status:CODE` | an HTTP status that is not a success |")?;
            }
            _ => writeln!(page, "| `{kind}` | {} |", kind.describe())?,
        }
    }
    Ok(())
}

fn flag(setting: &Setting) -> String {
    match setting.flag {
        Flag::None => String::new(),
        Flag::Positional => format!("`{} …`", setting.value),
        Flag::Long => format!("`--{} {}`", setting.key, setting.value),
        Flag::Short(short) => format!("`-{short}`, `--{} {}`", setting.key, setting.value),
    }
    .replace(" BOOL`", "[=BOOL]`")
}

fn env(setting: &Setting) -> String {
    setting.env.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn file(setting: &Setting) -> String {
    let key = |table: Table| format!("`{}.{}`", table.name(), setting.key);
    setting.table.map(key).unwrap_or_default()
}

fn default(setting: &Setting) -> String {
    match setting.default_text() {
        Some(text) => format!("`{text}`"),
        None => setting.default_shown(),
    }
}
