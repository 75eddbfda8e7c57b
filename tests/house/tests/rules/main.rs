//! The rules of the house, as tests. Each one lists every offence with its fix, not only the first.
//! They read the tree and `cargo metadata --offline`, and need no network.

mod comments;
mod direction;
mod docs;
mod shape;
mod supply;
mod tree;

/// Fails with every offence on its own line.
fn none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}\n  - {}\n", offences.join("\n  - "));
}
