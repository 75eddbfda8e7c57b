//! Streams, tokens and goodput of all requests together.

use super::paint::{Brush, Ink};
use super::summary::hang;
use super::table::{Column, Table};
use crate::streaming::{arrival, goodput, metrics, tokens};
use victor_types::RequestRow;

/// `None` when nothing was streamed and no objective was set.
pub(crate) fn streaming(total: &RequestRow, width: usize, brush: Brush) -> Option<String> {
    let good = goodput(total).map(|text| hang("Goodput: ", Ink::Strong, &text, width, brush));
    let Some(streams) = &total.streaming else { return good };
    let mut text = hang("", Ink::Strong, "Streams (ms, of streamed successes)", width, brush);
    let mut table = Table::new(vec![
        Column::left("Metric"),
        Column::right("Avg").after_bar().drop(1),
        Column::right("50%"),
        Column::right("95%"),
        Column::right("99%"),
        Column::left("is").flexible(0).after_bar().drop(2),
    ]);
    for row in metrics(total, streams) {
        table.row(vec![
            row.name.into(),
            row.mean.into(),
            row.p50.into(),
            row.p95.into(),
            row.p99.into(),
            row.formula.into(),
        ]);
    }
    text += &table.render(width, brush);
    text += &hang("", Ink::Faint, &arrival(streams), width, brush);
    if let Some(used) = &total.tokens {
        text += &hang("Tokens: ", Ink::Strong, &tokens(used, Some(streams)), width, brush);
    }
    Some(text + &good.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::streaming::tests::streamed;
    use crate::text::width as columns;

    #[test]
    fn a_streamed_run_has_a_compact_block() {
        let text = streaming(&streamed().total, 100, Brush::new(false));
        insta::assert_snapshot!(text.expect("streams"));
    }

    #[test]
    fn it_keeps_every_width_and_is_absent_without_streams() {
        for width in [40, 60, 79, 80, 120, 200] {
            let text = streaming(&streamed().total, width, Brush::new(false)).expect("streams");
            for line in text.lines() {
                assert!(columns(line) <= width, "{width}: {line}");
            }
        }
        assert_eq!(streaming(&golden::report().total, 100, Brush::new(false)), None);
    }
}
