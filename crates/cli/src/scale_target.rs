//! What `victor scale` shares with `victor load`: the target, limits and targets, from flags,
//! environment and `victor.toml`.

use crate::talk::Failure;
use clap::ArgMatches;
use std::path::PathBuf;
use victor_config::{LoadConfig, load_command, resolve_load};
use victor_users::Class;

/// Resolves them as `victor load` does, with the flags of `victor scale` that mean the same.
pub(crate) fn resolve(matches: &ArgMatches) -> Result<LoadConfig, Failure> {
    let mut words = vec!["load".to_owned(), "--headless".to_owned()];
    if let Some(host) = matches.get_one::<String>("host") {
        words.extend(["--host".to_owned(), host.clone()]);
    }
    if let Some(path) = matches.get_one::<PathBuf>("config") {
        words.extend(["--config".to_owned(), path.display().to_string()]);
    }
    let load = load_command().try_get_matches_from(words).map_err(Failure::usage)?;
    let cwd = std::env::current_dir().map_err(Failure::usage)?;
    let env = |name: &str| std::env::var(name).ok();
    resolve_load(&load, &env, &cwd, &Class::ALL.map(Class::name)).map_err(Failure::usage)
}
