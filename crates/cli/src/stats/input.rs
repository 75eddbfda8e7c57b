//! Reading series: JSON lines or CSV, gzipped or not.

use crate::talk::Failure;
use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file and what stands in it.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    text: String,
}

/// Columns of numbers by name.
#[derive(Debug)]
pub(super) struct Table {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Source {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        let mut bytes = Vec::new();
        if path == Path::new("-") {
            io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        } else {
            bytes = std::fs::read(path).map_err(failed)?;
        }
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).map_err(failed)?;
            bytes = plain;
        }
        Self::of(path, bytes)
    }

    pub(super) fn of(path: &Path, bytes: Vec<u8>) -> Result<Self, Failure> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::usage(format!("{}: not UTF-8 text from byte {at} on", path.display()))
        })?;
        if text.trim().is_empty() {
            return Err(Failure::usage(format!("{}: the file is empty", path.display())));
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// As it is printed with each verdict.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_json(&self) -> bool {
        self.text.trim_start().starts_with(['{', '['])
    }

    /// A failure at a line, from 1.
    pub(super) fn wrong(&self, line: usize, what: impl Display) -> Failure {
        Failure::usage(format!("{}: line {line}: {what}", self.path.display()))
    }

    /// Every line that is not empty, with its number from 1.
    pub(super) fn lines<T: DeserializeOwned>(&self) -> Result<Vec<(usize, T)>, Failure> {
        let filled = self.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        filled
            .map(|(i, line)| {
                let parsed = serde_json::from_str(line);
                parsed.map(|value| (i + 1, value)).map_err(|error| self.wrong_json(i + 1, &error))
            })
            .collect()
    }

    /// A failure of one line's JSON, without the line number of its own that counts from that line.
    fn wrong_json(&self, line: usize, error: &serde_json::Error) -> Failure {
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or(&text);
        let path = self.path.display();
        Failure::usage(format!("{path}: line {line}, column {}: {what}", error.column()))
    }

    /// The text as a table with a line of names; empty fields are refused.
    pub(super) fn table(&self) -> Result<Table, Failure> {
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(self.text.as_bytes());
        let wrong = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            self.wrong(usize::try_from(line).unwrap_or(usize::MAX), error)
        };
        let names: Vec<String> =
            reader.headers().map_err(wrong)?.iter().map(str::to_lowercase).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            let line = record.position().map_or(0, csv::Position::line);
            for (i, field) in record.iter().enumerate() {
                let number = field.parse::<f64>().map_err(|_| {
                    let (path, name) = (self.path.display(), &names[i]);
                    Failure::usage(format!(
                        "{path}: line {line}, column {} (`{name}`): `{field}` is not a number",
                        i + 1
                    ))
                })?;
                columns[i].push(number);
            }
        }
        Ok(Table { names, columns })
    }
}

impl Table {
    /// The first column with one of these names.
    pub(super) fn find(&self, names: &[&str]) -> Option<&[f64]> {
        let at = names.iter().find_map(|name| self.names.iter().position(|own| own == name))?;
        Some(&self.columns[at])
    }

    /// As [`Self::find`]; without one, a failure that names what there is.
    pub(super) fn need(&self, names: &[&str], source: &Source) -> Result<&[f64], Failure> {
        self.find(names).ok_or_else(|| {
            let (wanted, found) = (names.join("` or `"), self.names.join("`, `"));
            source.wrong(1, format!("no column `{wanted}`; there are `{found}`"))
        })
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}
