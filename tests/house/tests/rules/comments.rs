//! The comments of a Rust file, told apart from text that merely looks like one.

/// Every comment with the line on which it begins.
pub(crate) fn comments(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let comment = comment_length(rest);
        if let Some(length) = comment {
            found.push((1 + text[..at].matches('\n').count(), &rest[..length]));
        }
        at += comment.or_else(|| literal_length(rest)).unwrap_or(first.len_utf8());
    }
    found
}

fn comment_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

/// Length of the string, raw string or character that `rest` begins with.
fn literal_length(rest: &str) -> Option<usize> {
    if let Some(raw) = rest.strip_prefix('r') {
        let text = raw.trim_start_matches('#');
        let hashes = raw.len() - text.len();
        let end = format!("\"{}", "#".repeat(hashes));
        let length = text.strip_prefix('"')?.find(&end)?;
        return Some(1 + hashes + 1 + length + end.len());
    }
    if let Some(text) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        return Some(end.map_or(rest.len(), |end| end + 2));
    }
    let character = rest.strip_prefix('\'')?;
    if character.starts_with('\\') {
        return character.get(2..)?.find('\'').map(|end| end + 4);
    }
    // A lifetime has no second quote.
    let length = character.chars().next()?.len_utf8();
    character[length..].starts_with('\'').then_some(length + 2)
}

#[test]
fn only_comments_are_comments() {
    let text = r##"
let a = "http://a \" // no"; // one
let b = r#"" // no"#; let q = '"'; let e = '\''; /* two */
let c = "first
// no"; fn f<'a>(x: &'a str) {} // three
"##;
    assert_eq!(comments(text), [(2, "// one"), (3, "/* two */"), (5, "// three")]);
}
