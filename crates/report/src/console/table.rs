//! A table that fits: one flexible column is shortened, then the least telling columns go.

use super::paint::{Brush, Ink};
use crate::text::{clean, shorten, width};

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    head: String,
    side: Side,
    /// Columns with a higher number are left out sooner; 0 stays.
    drop: u8,
    /// May be shortened, down to this many terminal columns.
    floor: Option<usize>,
    /// A vertical bar stands before it.
    bar: bool,
}

impl Column {
    pub(crate) fn new(head: impl Into<String>, side: Side) -> Self {
        Self { head: head.into(), side, drop: 0, floor: None, bar: false }
    }

    pub(crate) fn left(head: &str) -> Self {
        Self::new(head, Side::Left)
    }

    pub(crate) fn right(head: &str) -> Self {
        Self::new(head, Side::Right)
    }

    pub(crate) fn drop(mut self, order: u8) -> Self {
        self.drop = order;
        self
    }

    pub(crate) fn flexible(mut self, floor: usize) -> Self {
        self.floor = Some(floor);
        self
    }

    pub(crate) fn after_bar(mut self) -> Self {
        self.bar = true;
        self
    }
}

/// A cell's text and meaning.
#[derive(Debug, Clone)]
pub(crate) struct Cell(String, Ink);

impl Cell {
    pub(crate) fn inked(text: &str, ink: Ink) -> Self {
        Self(clean(text), ink)
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::inked(text.as_ref(), Ink::Plain)
    }
}

/// Head, rows and rules.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    /// `None` is a rule.
    rows: Vec<Option<Vec<Cell>>>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: vec![None] }
    }

    /// Adds a row; it has one cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(Some(cells));
    }

    pub(crate) fn rule(&mut self) {
        self.rows.push(None);
    }

    /// The table in lines of at most `room` columns, each ended.
    pub(crate) fn render(&self, room: usize, brush: Brush) -> String {
        let layout = self.layout(room);
        let head: Vec<Cell> =
            self.columns.iter().map(|column| Cell::inked(&column.head, Ink::Strong)).collect();
        let mut text = self.line(&layout, &head, brush);
        for row in &self.rows {
            text += &match row {
                Some(cells) => self.line(&layout, cells, brush),
                None => self.rule_line(&layout),
            };
        }
        text
    }

    /// The columns shown, with their widths: the flexible one gives way to its floor, then columns
    /// are left out, and in the end the flexible one shrinks as far as it must.
    fn layout(&self, room: usize) -> Vec<(usize, usize)> {
        let mut shown: Vec<(usize, usize)> =
            (0..self.columns.len()).map(|index| (index, self.natural(index))).collect();
        loop {
            let spare = self.total(&shown).saturating_sub(room);
            let droppable = shown.iter().filter(|(index, _)| self.columns[*index].drop > 0);
            let least = droppable.max_by_key(|(index, _)| self.columns[*index].drop).copied();
            let flexible = shown.iter_mut().find_map(|(index, width)| {
                self.columns[*index].floor.map(|floor| (width.saturating_sub(floor), width))
            });
            match (flexible, least) {
                _ if spare == 0 => return shown,
                (Some((gives, width)), _) if gives >= spare => *width -= spare,
                (_, Some((least, _))) => shown.retain(|(index, _)| *index != least),
                (Some((_, width)), None) => {
                    *width = width.saturating_sub(spare).max(1);
                    return shown;
                }
                (None, None) => return shown,
            }
        }
    }

    fn natural(&self, index: usize) -> usize {
        let cells = self.rows.iter().flatten().map(|cells| width(&cells[index].0));
        cells.fold(width(&self.columns[index].head), usize::max)
    }

    fn total(&self, shown: &[(usize, usize)]) -> usize {
        let gaps = shown.iter().skip(1).map(|(index, _)| self.gap(*index).len());
        shown.iter().map(|(_, width)| width).sum::<usize>() + gaps.sum::<usize>()
    }

    fn gap(&self, index: usize) -> &'static str {
        if self.columns[index].bar { " | " } else { " " }
    }

    fn line(&self, layout: &[(usize, usize)], cells: &[Cell], brush: Brush) -> String {
        let mut line = String::new();
        for (place, &(index, room)) in layout.iter().enumerate() {
            if place > 0 {
                line += self.gap(index);
            }
            let Cell(text, ink) = &cells[index];
            let text = shorten(text, room);
            let pad = " ".repeat(room.saturating_sub(width(&text)));
            let inked = brush.paint(*ink, &text);
            line += &match self.columns[index].side {
                Side::Left => inked + &pad,
                Side::Right => pad + &inked,
            };
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    }

    fn rule_line(&self, layout: &[(usize, usize)]) -> String {
        let mut line = String::new();
        for (place, &(index, room)) in layout.iter().enumerate() {
            if place > 0 {
                line += if self.columns[index].bar { "-|-" } else { "|" };
            }
            line += &"-".repeat(room);
        }
        line + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![
            Column::left("Name").flexible(6),
            Column::right("spare").drop(2).after_bar(),
            Column::right("kept"),
        ]);
        table.row(vec!["a long enough name".into(), "1".into(), "2".into()]);
        table
    }

    #[test]
    fn the_flexible_column_gives_way_first_then_the_spare_one() {
        let plain = Brush::new(false);
        assert_eq!(
            table().render(80, plain),
            "Name               | spare kept\n\
             -------------------|------|----\n\
             a long enough name |     1    2\n"
        );
        assert!(table().render(20, plain).contains("…"));
        assert!(!table().render(16, plain).contains("spare"));
    }

    #[test]
    fn ink_takes_no_room() {
        let mut inked = table();
        inked.row(vec![Cell::inked("bad", Ink::Bad), "1".into(), "2".into()]);
        let coloured = inked.render(30, Brush::new(true));
        let stripped = coloured.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
        assert_eq!(stripped.replace("\u{1b}[1m", ""), inked.render(30, Brush::new(false)));
    }
}
