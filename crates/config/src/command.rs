//! The command line of `victor load`, made from the table of settings.

use crate::setting::{Flag, Kind, Setting};
use crate::settings::LOAD;
use clap::{Arg, ArgAction, Command};

/// The command `load` with every flag of the table. A flag given twice counts the last time, and
/// `--switch=false` takes back a switch that the environment or a file has set. Values are text to
/// clap; [`resolve_load`](crate::resolve_load) reads them, so that a wrong one is told in the same
/// words whatever source it came from.
#[must_use]
pub fn load_command() -> Command {
    Command::new("load")
        .about("Load test an assistant server")
        .args_override_self(true)
        .args(LOAD.iter().filter_map(|setting| arg(setting)))
        .after_help(
            "A flag wins over the environment, the environment over victor.toml, that over pyproject.toml \
             ([tool.locust]), locust.conf and ~/.locust.conf, and those over the default. `victor load --show-config` tells where each value came from.",
        )
}

fn arg(setting: &Setting) -> Option<Arg> {
    let arg = Arg::new(setting.key)
        .help(help(setting))
        .help_heading(setting.section.title())
        .value_name(setting.value)
        .action(ArgAction::Set);
    let arg = match setting.flag {
        Flag::None => return None,
        Flag::Positional => return Some(arg.num_args(0..)),
        Flag::Long => arg.long(setting.key),
        Flag::Short(short) => arg.long(setting.key).short(short),
    };
    Some(match setting.kind {
        Kind::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        // Without this `--users -1` would be told to be an unknown flag.
        Kind::Whole | Kind::Number | Kind::Time => arg.allow_negative_numbers(true),
        Kind::Text | Kind::Secret | Kind::Limit | Kind::Names => arg,
    })
}

fn help(setting: &Setting) -> String {
    let mut text = setting.help.to_owned();
    if !setting.env.is_empty() {
        text.push_str(&format!(" [env: {}]", setting.env.join(", ")));
    }
    if setting.kind != Kind::Switch {
        text.push_str(&format!(" [default: {}]", setting.default_shown()));
    }
    text
}
