//! Wishes for programs: "git status", "Show me the last 5 commits of the git log", "Run ls src".

use super::requests::{Wish, file};
use super::text::{bare, contains, strip};
use serde_json::{Map, Value, json};

/// Most commits and most words that are asked for.
const COMMITS: u64 = 100;
const WORDS: usize = 32;

/// The wish of `rest`, which follows a verb and may name git: "me the git log".
pub(super) fn asks_git(rest: &str) -> Option<Wish> {
    let rest = strip(rest, "me ").unwrap_or(rest).trim_start();
    let rest = strip(rest, "the ").unwrap_or(rest).trim_start();
    git(strip(rest, "git ")?.trim_start())
}

/// The wish of what follows "git".
pub(super) fn git(rest: &str) -> Option<Wish> {
    let (command, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let mut arguments = Map::new();
    if let Some(path) = file(words) {
        arguments.insert("path".into(), path.into());
    }
    let name = match bare(command).to_ascii_lowercase().as_str() {
        "status" => return Some(("git_status", json!({}))),
        "log" => {
            let number = words.split_whitespace().find_map(|word| bare(word).parse::<u64>().ok());
            if let Some(limit) = number.filter(|limit| (1..=COMMITS).contains(limit)) {
                arguments.insert("limit".into(), limit.into());
            }
            "git_log"
        }
        "diff" => {
            if contains(words, "staged") || contains(words, "cached") {
                arguments.insert("staged".into(), true.into());
            }
            "git_diff"
        }
        _ => return None,
    };
    Some((name, arguments.into()))
}

/// The wish of what follows "run": a program's name and its arguments, between backquotes or to
/// the end of the sentence.
pub(super) fn run(rest: &str) -> Option<Wish> {
    let line = rest.strip_prefix('`').and_then(|rest| rest.split_once('`'));
    let quoted = line.map(|(line, _)| line);
    let mut words = quoted.unwrap_or(rest).split_whitespace();
    let end = |word: &'_ str| word.trim_end_matches(['.', ',', '!', '?', ';']).to_owned();
    let program = end(words.next()?);
    if quoted.is_none() && !is_program(&program) {
        return None;
    }
    let args: Vec<Value> = words.take(WORDS).map(|word| end(word).into()).collect();
    let mut arguments = Map::new();
    arguments.insert("program".into(), program.into());
    if !args.is_empty() {
        arguments.insert("args".into(), args.into());
    }
    Some(("run_command", arguments.into()))
}

/// True for a word that may name a program and is no common word of a sentence.
fn is_program(word: &str) -> bool {
    const COMMON: [&str; 24] = [
        "the", "a", "an", "my", "your", "our", "it", "this", "that", "these", "those", "all",
        "some", "every", "tests", "away", "out", "into", "for", "through", "them", "again", "me",
        "faster",
    ];
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.+".contains(c);
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(letters)
        && !COMMON.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::super::requests::wanted;
    use serde_json::{Value, json};

    #[test]
    fn each_phrase_asks_for_its_program() {
        for (message, name, arguments) in [
            ("git status", "git_status", json!({})),
            ("Please check the git status.", "git_status", json!({})),
            ("Show the git log", "git_log", json!({})),
            ("Show me the git log of the last 5 commits", "git_log", json!({"limit": 5})),
            ("git log src/lib.rs", "git_log", json!({"path": "src/lib.rs"})),
            ("git diff", "git_diff", json!({})),
            ("Show the git diff of a.txt", "git_diff", json!({"path": "a.txt"})),
            ("git diff --staged", "git_diff", json!({"staged": true})),
            ("Run ls -l src.", "run_command", json!({"program": "ls", "args": ["-l", "src"]})),
            ("Run `Cargo x` now", "run_command", json!({"program": "Cargo", "args": ["x"]})),
            ("Execute uptime!", "run_command", json!({"program": "uptime"})),
        ] {
            assert_eq!(wanted(message), [(name, arguments)], "{message}");
        }
        let both: Vec<&str> = wanted("git status and run ls").iter().map(|wish| wish.0).collect();
        assert_eq!(both, ["git_status", "run_command"]);
    }

    #[test]
    fn talk_about_programs_is_not_a_wish() {
        for message in ["Run the tests", "Run it again", "Git is a tool", "Run", "Show me git"] {
            assert_eq!(wanted(message), Vec::<(&str, Value)>::new(), "{message}");
        }
    }
}
