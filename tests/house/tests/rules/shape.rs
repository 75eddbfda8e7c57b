//! How the code is cut: file sizes, crate openings, and words that do not belong in it.

use crate::comments::comments;
use crate::none;
use crate::tree::{File, crate_folders, files, root};
use std::io::Write;

/// Longest file without a word about why.
const LONG: usize = 400;
/// Longest file at all.
const LONGEST: usize = 600;
/// What the first paragraph of a long file says.
const EXCUSE: &str = "long because";

fn sources() -> Vec<File> {
    let folders = crate_folders();
    folders.iter().flat_map(|name| files(&format!("crates/{name}/src"), ".rs")).collect()
}

/// Sources and tests, but for the rules themselves, which name what they forbid.
fn all_code() -> Vec<File> {
    let mut code = files("crates", ".rs");
    code.extend(files("tests/end_to_end", ".rs"));
    code
}

/// The first paragraph of the `//!` comment that a file opens with, on one line.
fn first_paragraph(text: &str) -> String {
    let comment = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = comment.map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ")
}

fn size_offence(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    if lines > LONGEST {
        Some(format!("{path} has {lines} lines, more than {LONGEST}: split it by behaviour"))
    } else if lines > LONG && !first_paragraph(text).contains(EXCUSE) {
        Some(format!(
            "{path} has {lines} lines, more than {LONG}: split it, or say in its first paragraph \
             that it is {EXCUSE} …"
        ))
    } else {
        None
    }
}

/// Words that are not left in the code, with what to do instead.
const CODE: [(&str, &str); 5] = [
    ("#[allow(", "use #[expect(..., reason = \"...\")]"),
    ("#![allow(", "use #![expect(..., reason = \"...\")]"),
    ("todo!", "write the code, or leave the feature out"),
    ("unimplemented!", "write the code, or leave the feature out"),
    ("dbg!", "remove it"),
];

/// Words that are not left in comments. In strings they are data: users search for them.
const REMARKS: [(&str, &str); 3] = [
    ("TODO", "do it, or write it down outside the code"),
    ("FIXME", "mend it, or write it down outside the code"),
    ("XXX", "say what is wrong, or mend it"),
];

fn word_offences(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line, &CODE[..]));
    let remarks = comments(text).into_iter().map(|(at, remark)| (at, remark, &REMARKS[..]));
    let mut offences = Vec::new();
    for (at, part, words) in lines.chain(remarks) {
        let left = words.iter().filter(|(word, _)| has_word(part, word));
        offences.extend(left.map(|(word, fix)| format!("{path}:{at} has `{word}`: {fix}")));
    }
    offences
}

/// True when `word` stands in `line` and is not a part of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        let open = word.ends_with(['(', '!']);
        !inner(line[..at].chars().next_back()) && (open || !inner(after))
    })
}

/// Lines on which an `#[expect(` begins that gives no reason.
fn expects_without_reason(text: &str) -> Vec<usize> {
    let starts = text.match_indices("#[expect(").chain(text.match_indices("#![expect("));
    let bare = starts.filter(|(at, _)| {
        let end = text[*at..].find(")]").map_or(text.len(), |end| at + end);
        !text[*at..end].contains("reason")
    });
    bare.map(|(at, _)| 1 + text[..at].matches('\n').count()).collect()
}

/// True when the opening comment has a code block that is compiled as a test.
fn has_example(text: &str) -> bool {
    let comment = text.lines().map_while(|line| line.strip_prefix("//!"));
    let compiled = ["```", "```rust", "```no_run", "```rust,no_run", "```should_panic"];
    comment.map(str::trim).any(|line| compiled.contains(&line))
}

#[test]
fn files_are_short() {
    let mut sizes: Vec<(usize, String)> =
        sources().into_iter().map(|file| (file.text.lines().count(), file.path)).collect();
    sizes.sort_by(|a, b| b.cmp(a));
    let largest = sizes.iter().take(10).map(|(lines, path)| format!("{lines:>6}  {path}\n"));
    // Not through the test's capture: the list is wanted when the test passes, too.
    let told = writeln!(
        std::io::stderr(),
        "the ten largest files, in lines\n{}",
        largest.collect::<String>()
    );
    assert!(told.is_ok(), "standard error is closed");
    let offences: Vec<String> =
        sources().iter().filter_map(|file| size_offence(&file.path, &file.text)).collect();
    none("a file is read in one sitting", &offences);
}

#[test]
fn every_library_opens_with_its_purpose_and_an_example() {
    let mut offences = Vec::new();
    for name in crate_folders() {
        let path = format!("crates/{name}/src/lib.rs");
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        if !text.starts_with("//!") {
            offences.push(format!("{path}: open it with `//!`: what the crate is for"));
        } else if !has_example(&text) {
            offences.push(format!("{path}: show in a code block of its `//!` how it is used"));
        }
    }
    none("a library opens with its purpose and an example that compiles", &offences);
}

#[test]
fn nothing_is_left_for_later() {
    let code = all_code();
    let offences: Vec<String> =
        code.iter().flat_map(|file| word_offences(&file.path, &file.text)).collect();
    none("nothing is left for later, and no lint is silenced unseen", &offences);
}

#[test]
fn every_expected_lint_has_a_reason() {
    let mut offences = Vec::new();
    for file in all_code() {
        for line in expects_without_reason(&file.text) {
            offences.push(format!("{}:{line}: add `reason = \"...\"` to #[expect]", file.path));
        }
    }
    none("a lint that is set aside says why", &offences);
}

#[test]
fn every_crate_inherits_the_lints() {
    let crates = crate_folders().into_iter().map(|name| format!("crates/{name}/Cargo.toml"));
    let tests = ["house", "end_to_end"].map(|name| format!("tests/{name}/Cargo.toml"));
    let mut offences = Vec::new();
    for path in crates.chain(tests) {
        let text = std::fs::read_to_string(root().join(&path)).expect("manifest");
        let manifest: toml::Table = toml::from_str(&text).expect("a manifest is TOML");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            offences.push(format!("{path}: add `[lints]` with `workspace = true`"));
        }
    }
    none("every crate inherits the workspace's lints", &offences);
}

#[test]
fn the_rules_see_what_they_forbid() {
    let long = |opening: &str, lines: usize| opening.to_owned() + &"x\n".repeat(lines);
    assert!(size_offence("f", &long("//! A table.\n", 400)).is_some());
    assert!(size_offence("f", &long("//! A table,\n//! long because it is one.\n", 400)).is_none());
    assert!(size_offence("f", &long("//! A.\n//!\n//! long because\n", 400)).is_some());
    assert!(size_offence("f", &long("//! A table, long because.\n", 600)).is_some());

    assert_eq!(word_offences("f", "#[allow(dead_code)]\nlet todo = 1; // TODO: x\n").len(), 2);
    assert_eq!(word_offences("f", "find(\"// TODO\"); // see http://x TODOS\n").len(), 0);
    let expects = "#[expect(a,\n reason = \"b\")]\n#[expect(c)]\n#![expect(d)]\n";
    assert_eq!(expects_without_reason(expects), [3, 4]);
    assert!(has_example("//! A.\n//!\n//! ```\n//! ```\n"));
    assert!(!has_example("//! A.\n//!\n//! ```text\n//! b\n"));
}
