//! Log lines, on standard error or in a file.

use crate::talk::Failure;
use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

/// Starts logging at `level` and above.
pub(crate) fn start(level: LevelFilter, file: Option<&Path>) -> Result<(), Failure> {
    let format = fmt().with_max_level(level).with_target(false);
    let started = match file {
        None => {
            let colour = std::io::stderr().is_terminal();
            format.with_ansi(colour).with_writer(std::io::stderr).try_init()
        }
        Some(path) => {
            let file = File::options().create(true).append(true).open(path).map_err(|error| {
                let path = path.display();
                Failure::usage(format!(
                    "cannot write `{path}`: {error}; choose another place with --logfile"
                ))
            })?;
            format.with_ansi(false).with_writer(file).try_init()
        }
    };
    // A second start in the same process keeps the first.
    let _ = started;
    Ok(())
}
