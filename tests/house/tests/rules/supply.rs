//! What comes in from outside: licences, versions, banned crates and sources, as `deny.toml` says.

use crate::none;
use crate::tree::{Graph, root};
use cargo_metadata::Package;
use cargo_metadata::semver::VersionReq;
use serde::Deserialize;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};

/// The part of `deny.toml` that is read here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Entry>,
    deny: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_git: Vec<String>,
}

fn deny() -> Deny {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    toml::from_str(&text).unwrap_or_else(|error| panic!("deny.toml is not as expected: {error}"))
}

impl Entry {
    fn name(&self) -> &str {
        self.spec.split([':', '@']).next().unwrap_or(&self.spec)
    }

    /// As cargo-deny reads it: `name`, `name:requirement` or `name@exact`.
    fn matches(&self, package: &Package) -> bool {
        let exact = self.spec.split_once('@').map(|(_, version)| format!("={version}"));
        let range = self.spec.split_once(':').map(|(_, range)| range.to_owned());
        let wanted = exact.or(range).unwrap_or_else(|| "*".to_owned());
        let wanted = VersionReq::parse(&wanted)
            .unwrap_or_else(|error| panic!("deny.toml: `{}`: {error}", self.spec));
        self.name() == package.name.as_str() && wanted.matches(&package.version)
    }
}

/// Packages from outside the workspace.
fn outside() -> Vec<&'static Package> {
    Graph::read().packages().filter(|package| package.source.is_some()).collect()
}

#[test]
fn every_licence_is_allowed() {
    let allowed = deny().licenses.allow;
    let mut offences = Vec::new();
    for package in Graph::read().packages() {
        let Some(licence) = &package.license else {
            offences.push(format!("{} states no licence: choose another crate", package.name));
            continue;
        };
        let fits = Expression::parse_mode(licence, ParseMode::LAX)
            .is_ok_and(|all| all.evaluate(|one| allowed.contains(&one.to_string())));
        if !fits {
            offences.push(format!(
                "{} {} is `{licence}`: choose another crate, or allow a licence that is \
                 permissive in [licenses] of deny.toml",
                package.name, package.version
            ));
        }
    }
    none("every licence is allowed", &offences);
}

#[test]
fn no_crate_comes_in_two_versions() {
    let skips = deny().bans.skip;
    let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in outside() {
        if !skips.iter().any(|skip| skip.matches(package)) {
            versions.entry(package.name.as_str()).or_default().insert(package.version.to_string());
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    let offence = |(name, versions): (&str, BTreeSet<String>)| {
        let versions: Vec<String> = versions.into_iter().collect();
        format!(
            "{name} {}: `cargo tree -d` shows who uses which; align them, or add the older one to \
             `skip` in deny.toml with the reason",
            versions.join(" and ")
        )
    };
    let offences: Vec<String> = versions.into_iter().map(offence).collect();
    none("no crate is compiled twice in different versions", &offences);
}

#[test]
fn every_skip_is_needed() {
    let packages = outside();
    let mut offences = Vec::new();
    for skip in deny().bans.skip {
        let same = packages.iter().filter(|package| package.name.as_str() == skip.name());
        let (skipped, others): (Vec<&Package>, Vec<&Package>) =
            same.copied().partition(|package| skip.matches(package));
        if skipped.is_empty() || others.is_empty() {
            offences
                .push(format!("`{}` skips nothing any more: remove it from deny.toml", skip.spec));
        }
        if skip.reason.trim().is_empty() {
            offences.push(format!("`{}` is skipped without a reason: give one", skip.spec));
        }
    }
    none("every skip in deny.toml is needed and says why", &offences);
}

#[test]
fn no_banned_crate_comes_in() {
    let packages = outside();
    let mut offences = Vec::new();
    for ban in deny().bans.deny {
        if packages.iter().any(|package| ban.matches(package)) {
            let name = ban.name();
            offences.push(format!("{name} ({}): `cargo tree -i {name}` shows why", ban.reason));
        }
    }
    none("no crate comes in that deny.toml bans", &offences);
}

#[test]
fn everything_comes_from_the_registry() {
    let sources = deny().sources;
    // cargo's default registry is what `cargo deny` allows when no other is listed.
    let allowed = |package: &Package| {
        package.source.as_ref().is_some_and(|source| {
            let git = |url: &str| sources.allow_git.iter().any(|known| known == url);
            source.is_crates_io() || source.repr.strip_prefix("git+").is_some_and(git)
        })
    };
    let strangers = outside().into_iter().filter(|package| !allowed(package));
    let offence = |package: &Package| {
        format!("{} {}: use a release from cargo's default registry", package.name, package.version)
    };
    let offences: Vec<String> = strangers.map(offence).collect();
    none("every crate comes from a source that deny.toml allows", &offences);
}
