//! Links in the documentation lead somewhere.

use crate::none;
use crate::tree::{File, files, root};
use std::path::Path;

fn pages() -> Vec<File> {
    let top = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].into_iter().filter_map(|name| {
        let text = std::fs::read_to_string(root().join(name)).ok()?;
        Some(File { path: name.to_owned(), text })
    });
    top.chain(files("docs", ".md")).collect()
}

/// Targets of links to files, with their lines: `[text](target)`, `![](target)` and `[name]: target`.
/// Code blocks and inline code are not looked at.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second piece between backquotes is code.
        let prose: String = line.split('`').step_by(2).collect();
        let inline = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let named = prose.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        let named = named.and_then(|(_, target)| target.split_whitespace().next());
        found.extend(inline.chain(named).map(|target| (at + 1, target.to_owned())));
    }
    found.retain(|(_, target)| !target.starts_with('#') && !has_scheme(target));
    found
}

fn has_scheme(target: &str) -> bool {
    ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

#[test]
fn every_link_leads_to_a_file() {
    let mut offences = Vec::new();
    for page in pages() {
        let folder = root().join(Path::new(&page.path).parent().unwrap_or(Path::new("")));
        for (line, target) in links(&page.text) {
            let file = target.split('#').next().unwrap_or_default();
            if !folder.join(file).exists() {
                offences.push(format!(
                    "{}:{line} links to {target}, which does not exist (a link is relative to \
                     the page's own folder)",
                    page.path
                ));
            }
        }
    }
    none("every relative link in README.md, CHANGELOG.md and docs/ exists", &offences);
}

#[test]
fn links_are_found_where_they_are_links() {
    let page = "See [a](guide/a.md#top) and ![b](b.svg \"title\").\n\
                `[c](no.md)` [d](https://example.com) [e](#here)\n\
                ```\n[f](no.md)\n```\n[g]: g.md\n";
    let found: Vec<(usize, String)> = links(page);
    let found: Vec<(usize, &str)> = found.iter().map(|(at, to)| (*at, to.as_str())).collect();
    assert_eq!(found, [(1, "guide/a.md#top"), (1, "b.svg"), (6, "g.md")]);
}
