//! Data walks through the house in one direction: a crate uses only crates above it.

use crate::none;
use crate::tree::{Graph, crate_folders, files, metadata};
use cargo_metadata::Package;

/// The rooms, from the front door in. A crate may use those before it.
const ORDER: [&str; 19] = [
    "types",
    "clock",
    "stats",
    "plan",
    "config",
    "wire",
    "dialect",
    "users",
    "engine",
    "observe",
    "suite",
    "store",
    "report",
    "web",
    "model",
    "context",
    "container",
    "server",
    "cli",
];

/// Crates that only compute.
const PURE: [&str; 5] = ["types", "stats", "plan", "context", "container"];

/// What a crate that only computes is not built from.
const IO_CRATES: [&str; 14] = [
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "axum",
    "reqwest",
    "ureq",
    "rustix",
    "nix",
    "procfs",
    "rusqlite",
    "tempfile",
];

/// What a crate that only computes does not name.
const IO_MODULES: [&str; 5] =
    ["std::fs", "std::net", "std::process", "std::thread::spawn", "std::env::var"];

/// The side that makes the load, of which the server under test must know nothing.
const LOAD_SIDE: [&str; 5] = ["wire", "dialect", "users", "engine", "suite"];

/// The server under test and what it is made of.
const SERVER_SIDE: [&str; 4] = ["model", "context", "container", "server"];

fn place(name: &str) -> Option<usize> {
    let name = name.strip_prefix("victor-")?;
    ORDER.iter().position(|room| *room == name)
}

fn member(room: &str) -> Option<&'static Package> {
    let name = format!("victor-{room}");
    metadata().packages.iter().find(|package| package.name.as_str() == name)
}

fn victor_dependencies(package: &Package) -> impl Iterator<Item = &str> {
    let names = package.dependencies.iter().map(|dependency| dependency.name.as_str());
    names.filter(|name| name.starts_with("victor-"))
}

#[test]
fn every_crate_has_its_place_and_its_folders_name() {
    let mut offences = Vec::new();
    for folder in crate_folders() {
        if place(&format!("victor-{folder}")).is_none() {
            offences.push(format!(
                "crates/{folder} has no place in ORDER (tests/house/tests/rules/direction.rs): \
                 add it after all that it uses"
            ));
        } else if member(&folder).is_none() {
            offences.push(format!("crates/{folder}/Cargo.toml: name the package victor-{folder}"));
        }
    }
    none("every crate has a place in the order of the house", &offences);
}

#[test]
fn a_crate_uses_only_crates_before_it() {
    let mut offences = Vec::new();
    for (at, room) in ORDER.iter().enumerate() {
        let Some(package) = member(room) else { continue };
        for used in victor_dependencies(package) {
            if place(used).is_none_or(|used| used >= at) {
                offences.push(format!(
                    "crates/{room} uses {used}, which does not come before it: move what it needs \
                     to a crate that does, or let the caller pass it in"
                ));
            }
        }
    }
    none(&format!("the order is {}", ORDER.join(", ")), &offences);
}

#[test]
fn crates_that_compute_do_nothing_else() {
    let graph = Graph::read();
    let mut offences = Vec::new();
    for room in PURE {
        let package = member(room).expect("a crate of the house");
        for used in graph.built_from(package) {
            if IO_CRATES.contains(&used.name.as_str()) {
                offences.push(format!(
                    "crates/{room} is built from {}: `cargo tree -p victor-{room} -i {}` shows \
                     why; leave it or its feature out",
                    used.name, used.name
                ));
            }
        }
        for file in files(&format!("crates/{room}/src"), ".rs") {
            let named = IO_MODULES.iter().filter(|module| file.text.contains(**module));
            offences.extend(named.map(|module| {
                format!("{} names {module}: let the caller do that and pass the result", file.path)
            }));
        }
    }
    none(&format!("{} know no I/O and no runtime", PURE.join(", ")), &offences);
}

#[test]
fn the_server_knows_nothing_of_the_load() {
    let mut offences = Vec::new();
    for room in SERVER_SIDE {
        let Some(package) = member(room) else { continue };
        for used in victor_dependencies(package) {
            if LOAD_SIDE.iter().any(|side| used == format!("victor-{side}")) {
                offences.push(format!(
                    "crates/{room} uses {used}: tester and tested share only types and clock, \
                     or a fault common to both would go unseen"
                ));
            }
        }
    }
    none("the server's side is apart from the load side, in tests too", &offences);
}
