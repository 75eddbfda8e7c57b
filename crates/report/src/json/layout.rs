//! How the report's JSON is laid out.

use serde_json::ser::Formatter;
use std::io::{self, Write};

/// What is open around the current value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    /// A list so far without objects: it stays on one line.
    Flat,
    /// A list of objects: each begins a line.
    Tall,
}

/// Indents objects by two spaces and keeps lists of anything else on one line.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    open: Vec<Open>,
    empty: bool,
}

impl Layout {
    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open.push(Open::Flat);
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if self.open.pop() == Some(Open::Tall) {
            self.line(out)?;
        }
        out.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b",") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if let Some(list @ (Open::Flat | Open::Tall)) = self.open.last_mut() {
            *list = Open::Tall;
            self.line(out)?;
        }
        self.open.push(Open::Object);
        self.empty = true;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open.pop();
        if !self.empty {
            self.line(out)?;
        }
        self.empty = false;
        out.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.empty = false;
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::json;

    #[test]
    fn objects_are_tall_and_numbers_are_flat() {
        let value = json!({"a": [[1, 2], [3, 4]], "b": [{"c": 1}, {}], "d": {}, "e": []});
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Layout::default());
        value.serialize(&mut serializer).expect("serialises");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let expected = "{\n  \"a\": [[1,2],[3,4]],\n  \"b\": [\n    {\n      \"c\": 1\n    },\n    \
                        {}\n  ],\n  \"d\": {},\n  \"e\": []\n}";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
