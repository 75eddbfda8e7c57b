//! The flags of `victor serve` that say how long a conversation may become.

use clap::{Arg, ArgMatches, value_parser};
use victor_server::{ServerSettings, Strategy, Thresholds};

/// The value of `--compaction` for none.
const OFF: &str = "off";

/// The flags.
pub(crate) fn args() -> Vec<Arg> {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    vec![
        arg("context-window", "Tokens that fit into the model's context window")
            .value_name("TOKENS")
            .env("VICTOR_CONTEXT_WINDOW")
            .value_parser(value_parser!(u64).range(1..))
            .default_value("128000"),
        arg(
            "compaction",
            "How a session that nears the window's end is made smaller: truncation, tiered, summary, hybrid or off",
        )
        .value_name("STRATEGY")
        .env("VICTOR_COMPACTION")
        .value_parser(strategy)
        .default_value(Strategy::default().name()),
        arg(
            "context-thresholds",
            "Shares of the window, such as proactive=0.75,target=0.45: from proactive on a session is compacted after a turn, from overflow on before it, and comes down to target",
        )
        .value_name("NAME=SHARE,...")
        .env("VICTOR_CONTEXT_THRESHOLDS")
        .value_parser(|text: &str| text.parse::<Thresholds>()),
    ]
}

/// What the flags say.
pub(crate) fn apply(matches: &ArgMatches, settings: &mut ServerSettings) {
    if let Some(window) = matches.get_one("context-window") {
        settings.context_window = *window;
    }
    if let Some(strategy) = matches.get_one::<Option<Strategy>>("compaction") {
        settings.compaction = *strategy;
    }
    if let Some(thresholds) = matches.get_one("context-thresholds") {
        settings.context_thresholds = *thresholds;
    }
}

fn strategy(text: &str) -> Result<Option<Strategy>, String> {
    if text == OFF {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| format!("{error}, or {OFF}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Command;

    fn read(args: &[&str]) -> Result<ServerSettings, String> {
        let command = Command::new("serve").args(self::args()).no_binary_name(true);
        let matches = command.try_get_matches_from(args).map_err(|error| error.to_string())?;
        let mut settings = ServerSettings::default();
        apply(&matches, &mut settings);
        Ok(settings)
    }

    #[test]
    fn sessions_are_compacted_unless_it_is_switched_off() {
        let settings = read(&[]).expect("defaults");
        let defaults = ServerSettings::default();
        assert_eq!(settings.context_window, defaults.context_window);
        assert_eq!(settings.compaction, defaults.compaction);
        assert_eq!(read(&["--compaction", "off"]).expect("off").compaction, None);
        let tiered = read(&["--compaction", "tiered", "--context-window", "900"]).expect("good");
        assert_eq!((tiered.compaction, tiered.context_window), (Some(Strategy::Tiered), 900));
        let shares = read(&["--context-thresholds", "target=0.3"]).expect("good");
        assert!((shares.context_thresholds.shares().target - 0.3).abs() < 1e-9);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_flag() {
        for args in [
            ["--context-window", "0"],
            ["--compaction", "magic"],
            ["--context-thresholds", "full=1"],
            ["--context-thresholds", "target=0.9"],
        ] {
            assert!(read(&args).expect_err("refused").contains(args[0]), "{args:?}");
        }
    }
}
