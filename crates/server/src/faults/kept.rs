//! What the leaks keep for ever.

use crate::lock::lock;
use std::fs::File;
use std::io;
use std::sync::Mutex;

/// Memory and files that nothing uses and nothing frees, also not when the fault is switched off:
/// a leak that could be taken back would be none.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    memory: Mutex<Vec<Box<[u8]>>>,
    files: Mutex<Vec<File>>,
}

impl Kept {
    /// Keeps `bytes`, written to, so that they are resident.
    pub(crate) fn memory(&self, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let block = vec![0x5a_u8; bytes].into_boxed_slice();
        lock(&self.memory).push(block);
    }

    /// Keeps one more file open.
    ///
    /// # Errors
    /// When the process is out of file descriptors.
    pub(crate) fn file(&self) -> io::Result<()> {
        let file = File::open("/dev/null")?;
        lock(&self.files).push(file);
        Ok(())
    }
}
