//! Failures: how often, in which way, what that means, and one turn as evidence.

use super::paint::{Brush, Ink};
use super::summary::hang;
use super::table::{Cell, Column, Table};
use victor_types::{Exemplar, FailureRow};

/// Where the lines under a row begin.
const INDENT: &str = "    ";

pub(crate) fn failures(rows: &[FailureRow], width: usize, brush: Brush) -> String {
    let mut table = Table::new(vec![
        Column::right("# occurrences"),
        Column::left("Kind"),
        Column::left("Name").flexible(14),
        Column::left("Seen").drop(1),
    ]);
    for row in rows {
        table.row(vec![
            row.count.to_string().into(),
            Cell::inked(&row.kind.to_string(), Ink::Bad),
            format!("{} {}", row.key.method, row.key.name).trim().into(),
            format!("{:.1} s to {:.1} s", row.first_seen.0, row.last_seen.0).into(),
        ]);
    }
    let mut text = brush.paint(Ink::Strong, "Failures") + "\n" + &table.render(width, brush);
    let mut kinds: Vec<_> = rows.iter().map(|row| row.kind).collect();
    kinds.dedup();
    let mut told = Vec::new();
    for kind in kinds {
        if told.contains(&kind) {
            continue;
        }
        told.push(kind);
        text += "\n";
        text += &hang(&format!("{kind}: "), Ink::Bad, &kind.describe(), width, brush);
        let of_kind = rows.iter().filter(|row| row.kind == kind);
        if let Some(example) = of_kind.flat_map(|row| &row.exemplars).next() {
            text += &evidence(example, width, brush);
        }
    }
    text
}

fn evidence(example: &Exemplar, width: usize, brush: Brush) -> String {
    let mut lines = hang(
        &format!("{INDENT}for example "),
        Ink::Plain,
        &format!(
            "request {} at {:.2} s, after {}",
            example.request_id, example.at.0, example.latency
        ),
        width,
        brush,
    );
    let mut say = |lead: &str, what: &str| {
        lines += &hang(&format!("{INDENT}{lead:<12}"), Ink::Faint, what, width, brush);
    };
    say("seen", &example.excerpt);
    if let Some(expected) = &example.expected {
        say("expected", expected);
    }
    if let Some(session) = &example.session_id {
        say("session", session);
    }
    if let Some(other) = &example.other {
        say("belongs to", &format!("{}, session {}", other.marker, other.session_id));
    }
    lines
}
