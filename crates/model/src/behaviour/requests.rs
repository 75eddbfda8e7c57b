//! Wishes for tools, read from the words of a message: "Read README.md and count the lines in
//! src/lib.rs" asks for two.

use super::programs;
use super::text::{bare, contains, find, quoted, strip};
use serde_json::{Value, json};

/// A tool's name and arguments.
pub(super) type Wish = (&'static str, Value);

/// Most wishes taken from one message.
const MOST: usize = 8;

/// Words that may stand before a wish.
const POLITE: [&str; 9] = [
    "please ",
    "can you ",
    "could you ",
    "would you ",
    "now ",
    "then ",
    "also ",
    "first ",
    "next ",
];

/// Words a wish starts with.
const VERBS: [&str; 15] = [
    "read", "show", "open", "list", "count", "search", "grep", "find", "does", "check", "how",
    "is", "git", "run", "execute",
];

/// The tools `message` asks for, in its order.
pub(super) fn wanted(message: &str) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let mut rest = message;
    while !rest.is_empty() && wishes.len() < MOST {
        let (clause, tail) = rest.split_at(clause_end(rest));
        wishes.extend(wish(without_politeness(clause)));
        rest = tail.trim_start_matches(['.', '!', '?', ';', ',', '\n', ' ']);
        rest = strip(rest, "and ").unwrap_or(rest);
    }
    wishes
}

/// Where the first clause of `text` ends: at the end of a sentence, a line, or before "then" or
/// "and" when another wish follows.
fn clause_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let ends_word = bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        let ends = match byte {
            b'\n' => at > 0,
            b'.' | b'!' | b'?' | b';' => at > 0 && ends_word,
            b' ' => at > 0 && !ends_word && wish_follows(&text[at + 1..]),
            _ => false,
        };
        if ends {
            return at;
        }
    }
    text.len()
}

/// True when `rest` goes on with "and" or "then" and a verb of a wish.
fn wish_follows(rest: &str) -> bool {
    let Some(rest) =
        strip(rest, "and then ").or_else(|| strip(rest, "and ")).or_else(|| strip(rest, "then "))
    else {
        return false;
    };
    let word = without_politeness(rest).split_whitespace().next().unwrap_or("");
    VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb))
}

fn without_politeness(clause: &str) -> &str {
    let mut clause = clause.trim_start();
    while let Some(rest) = POLITE.iter().find_map(|word| strip(clause, word)) {
        clause = rest.trim_start();
    }
    clause
}

/// The wish of one clause.
fn wish(clause: &str) -> Option<Wish> {
    let (verb, rest) = clause.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    match verb.to_ascii_lowercase().as_str() {
        "read" => {
            file(rest).or_else(|| sole(rest)).map(|path| ("read_file", json!({ "path": path })))
        }
        "open" => file(rest).map(|path| ("read_file", json!({ "path": path }))),
        "git" => programs::git(rest),
        "run" | "execute" => programs::run(rest),
        "show" | "check" if programs::asks_git(rest).is_some() => programs::asks_git(rest),
        "show" => file(rest)
            .map(|path| ("read_file", json!({ "path": path })))
            .or_else(|| list(strip(rest, "me ").unwrap_or(rest))),
        "list" => list(rest),
        "count" | "how" => count(rest),
        "does" | "check" | "is" => exists(verb, rest),
        "search" | "grep" => search(rest),
        "find" => find_files(rest),
        _ => None,
    }
}

fn count(rest: &str) -> Option<Wish> {
    let at = find(rest, "lines")?;
    let rest = rest.get(at + "lines".len()..)?;
    let place = strip(rest.trim_start(), "in ").or_else(|| strip(rest.trim_start(), "of "));
    let path = file(rest).or_else(|| sole(place?))?;
    Some(("count_lines", json!({ "path": path })))
}

fn exists(verb: &str, rest: &str) -> Option<Wish> {
    let there = verb.eq_ignore_ascii_case("is") && strip(rest, "there ").is_some();
    let asks = contains(rest, "exist") || there;
    let subject = find(rest, " exist").map(|at| &rest[..at]);
    let path = file(rest).or_else(|| sole(subject?)).filter(|_| asks)?;
    Some(("file_exists", json!({ "path": path })))
}

fn list(rest: &str) -> Option<Wish> {
    let pattern = pattern(rest);
    let directory = directory(rest);
    let named = ["files", "directory", "folder"].iter().any(|noun| contains(rest, noun));
    if !named && !rest.contains('*') {
        return None;
    }
    let mut arguments = serde_json::Map::new();
    if let Some(path) = directory {
        arguments.insert("path".into(), path.into());
    }
    if let Some(pattern) = pattern {
        arguments.insert("pattern".into(), pattern.into());
    }
    Some(("list_files", arguments.into()))
}

fn find_files(rest: &str) -> Option<Wish> {
    let rest = strip(rest, "all ").unwrap_or(rest);
    let named = find(rest, "matching ").and_then(|at| word(rest.get(at + "matching ".len()..)?));
    let tests = ["test files", "tests", "the tests", "the test files"]
        .iter()
        .any(|phrase| strip(rest, phrase).is_some());
    let pattern = named
        .map(str::to_owned)
        .or_else(|| pattern(rest))
        .or_else(|| tests.then(|| "*test*".to_owned()))
        .or_else(|| file(rest).map(str::to_owned))?;
    Some(("find_files", json!({ "pattern": pattern })))
}

fn search(rest: &str) -> Option<Wish> {
    let mut rest = strip(rest, "the code ").or_else(|| strip(rest, "the files ")).unwrap_or(rest);
    rest = strip(rest, "for ").unwrap_or(rest).trim_start();
    let (text, place) = match quoted(rest) {
        Some(text) => (text, rest.get(text.len() + 2..).unwrap_or("")),
        None => match rest.rfind(" in ") {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, ""),
        },
    };
    let text = ["comments", "markers", "in the"]
        .iter()
        .find_map(|noun| text.strip_suffix(noun).map(str::trim_end))
        .filter(|text| !text.is_empty())
        .unwrap_or(text);
    let text = text.trim().trim_end_matches(['.', '?', '!']);
    if text.is_empty() {
        return None;
    }
    let path = place.strip_prefix(" in ").and_then(file);
    Some(match path {
        Some(path) => ("search_text", json!({ "query": text, "path": path })),
        None => ("search_text", json!({ "query": text })),
    })
}

/// A glob in the words: `*.rs` itself, or that of "Rust files".
fn pattern(rest: &str) -> Option<String> {
    const KINDS: [(&str, &str); 9] = [
        ("python", "*.py"),
        ("rust", "*.rs"),
        ("javascript", "*.js"),
        ("typescript", "*.ts"),
        ("markdown", "*.md"),
        ("toml", "*.toml"),
        ("json", "*.json"),
        ("yaml", "*.y*ml"),
        ("text", "*.txt"),
    ];
    let glob = rest.split_whitespace().map(bare).find(|word| word.contains('*'));
    glob.map(str::to_owned).or_else(|| {
        let kind = KINDS.iter().find(|kind| contains(rest, &format!("{} files", kind.0)))?;
        Some(kind.1.to_owned())
    })
}

/// The directory after "in", "under", "of" or "directory"; "in the current directory" is none.
fn directory(rest: &str) -> Option<&str> {
    let mut words = rest.split_whitespace();
    while let Some(cue) = words.next() {
        if !["in", "under", "of", "directory", "folder"]
            .contains(&cue.to_ascii_lowercase().as_str())
        {
            continue;
        }
        let path = words.by_ref().map(bare).find(|word| !is_filler(word));
        let generic = ["current", "workspace", "project", "repository", "root", "codebase"];
        return path.filter(|path| !path.is_empty() && !generic.contains(path));
    }
    None
}

fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 14] = [
        "the",
        "a",
        "an",
        "file",
        "files",
        "directory",
        "folder",
        "me",
        "of",
        "contents",
        "content",
        "if",
        "whether",
        "there",
    ];
    FILLERS.iter().any(|filler| word.eq_ignore_ascii_case(filler))
}

/// The first file name in the words: quoted, with a dot or a slash, well known, or after "file".
pub(super) fn file(rest: &str) -> Option<&str> {
    let mut after_file = false;
    for raw in rest.split_whitespace() {
        let name = bare(raw);
        let marked = raw.starts_with(['`', '"', '\'']);
        let like_path = name.contains(['.', '/', '\0']) && name != "." && !name.contains("://");
        if !name.is_empty()
            && !is_filler(name)
            && (marked || like_path || after_file || is_known(name))
        {
            return Some(name);
        }
        after_file = name.eq_ignore_ascii_case("file");
    }
    None
}

/// The one word that `rest` is made of: `Read notes` names a file, `Read me a poem` and `Read it` do
/// not.
fn sole(rest: &str) -> Option<&str> {
    const PRONOUNS: [&str; 8] = ["it", "this", "that", "them", "on", "more", "me", "all"];
    let mut words = rest.split_whitespace().map(bare);
    let name = words.next().filter(|word| !word.is_empty() && !is_filler(word))?;
    let pronoun = PRONOUNS.iter().any(|pronoun| name.eq_ignore_ascii_case(pronoun));
    (words.next().is_none() && !pronoun).then_some(name)
}

fn is_known(name: &str) -> bool {
    ["README", "LICENSE", "Makefile", "Dockerfile", "CHANGELOG", "TODO"].contains(&name)
}

fn word(text: &str) -> Option<&str> {
    text.split_whitespace().map(bare).find(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asks(message: &str, name: &str, arguments: Value) {
        assert_eq!(wanted(message), [(name, arguments)], "{message}");
    }

    #[test]
    fn each_pattern_asks_for_its_tool() {
        asks("Read README.md", "read_file", json!({"path": "README.md"}));
        asks("Please read the file `src/main.rs`.", "read_file", json!({"path": "src/main.rs"}));
        asks("Read the README.md file", "read_file", json!({"path": "README.md"}));
        asks("Read ../../etc/passwd", "read_file", json!({"path": "../../etc/passwd"}));
        asks("Show me the contents of Makefile", "read_file", json!({"path": "Makefile"}));
        asks("List Python files", "list_files", json!({"pattern": "*.py"}));
        asks("List files", "list_files", json!({}));
        asks("List the files in src.", "list_files", json!({"path": "src"}));
        asks("List files in the current directory", "list_files", json!({}));
        asks("List *.rs files in src", "list_files", json!({"path": "src", "pattern": "*.rs"}));
        asks("Count the lines in Cargo.toml", "count_lines", json!({"path": "Cargo.toml"}));
        asks("Count lines in the file a.txt", "count_lines", json!({"path": "a.txt"}));
        asks("How many lines are in a/b.rs?", "count_lines", json!({"path": "a/b.rs"}));
        asks("Does package.json exist?", "file_exists", json!({"path": "package.json"}));
        asks("Check if setup.py exists", "file_exists", json!({"path": "setup.py"}));
        asks("Read notes", "read_file", json!({"path": "notes"}));
        asks("Count lines in link", "count_lines", json!({"path": "link"}));
        asks("Does link exist?", "file_exists", json!({"path": "link"}));
        asks("Search for TODO", "search_text", json!({"query": "TODO"}));
        asks("Search for TODO comments", "search_text", json!({"query": "TODO"}));
        asks(
            "Search for \"fn main\" in src/",
            "search_text",
            json!({"query": "fn main", "path": "src/"}),
        );
        asks("Search for TODO in the code", "search_text", json!({"query": "TODO"}));
        asks("Find test files", "find_files", json!({"pattern": "*test*"}));
        asks("Find files matching **/*.toml", "find_files", json!({"pattern": "**/*.toml"}));
        asks("Could you find all Rust files?", "find_files", json!({"pattern": "*.rs"}));
    }

    #[test]
    fn one_message_may_ask_for_several() {
        let names = |message: &str| -> Vec<&str> { wanted(message).iter().map(|w| w.0).collect() };
        assert_eq!(
            names("Read README.md and count the lines in src/lib.rs, then find test files."),
            ["read_file", "count_lines", "find_files"]
        );
        assert_eq!(names("Read a.md. Include the tag u1.2."), ["read_file"]);
        assert_eq!(names(&"Read a.md. ".repeat(50)).len(), MOST);
    }

    #[test]
    fn talk_is_not_a_wish() {
        for message in [
            "How do I read a book?",
            "What is the best way to count sheep?",
            "Remember: my code word is read-me.",
            "Find out what happened",
            "List some Rust features",
            "Show me an example in Python",
            "Open https://example.org",
            "Does it rain?",
            "Does it exist?",
            "Read it.",
            "Read me a poem",
            "Message 3: list of things",
            "",
            "read",
        ] {
            assert!(wanted(message).is_empty(), "{message}");
        }
    }
}
