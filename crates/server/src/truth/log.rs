//! The file of truth records.

use crate::lock::lock;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;
use victor_types::TruthRecord;

/// An append-only file of JSON lines. Each record is one write call, so a killed server leaves
/// whole lines, and a record is in the kernel's hands as soon as [`Self::append`] returns.
#[derive(Debug)]
pub(crate) struct TruthLog {
    file: Mutex<File>,
}

impl TruthLog {
    /// Opens `path` for appending, creating it where it is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().append(true).create(true).open(path)?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Has what was written put on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        lock(&self.file).sync_data()
    }

    /// Appends one record.
    pub(crate) fn append(&self, record: &TruthRecord) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        lock(&self.file).write_all(&line)
    }
}
