//! Compressed bodies, decoded as they come.

use crate::Encoding;
use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::fmt;
use std::io::{self, Write};

/// Compressed bytes decoded at once. Deflate grows by at most 1,032 times, so that at most half a
/// mebibyte stands decoded before it is handed on.
const STEP: usize = 512;
const BUFFER: usize = 4096;

/// Decodes one body.
pub(crate) enum Inflater {
    Gzip(GzDecoder<Vec<u8>>),
    /// `deflate` means zlib (RFC 9110, section 8.4.1.2), and some servers send it bare: the first byte
    /// tells.
    Undecided,
    Zlib(ZlibDecoder<Vec<u8>>),
    Bare(DeflateDecoder<Vec<u8>>),
    Brotli(Box<DecompressorWriter<Vec<u8>>>),
}

impl Inflater {
    /// `None` for an encoding that is not known.
    pub(crate) fn new(encoding: Encoding) -> Option<Self> {
        match encoding {
            Encoding::Gzip => Some(Self::Gzip(GzDecoder::new(Vec::new()))),
            Encoding::Deflate => Some(Self::Undecided),
            Encoding::Brotli => {
                Some(Self::Brotli(Box::new(DecompressorWriter::new(Vec::new(), BUFFER))))
            }
            Encoding::Identity | Encoding::Unknown => None,
        }
    }

    /// Decodes a piece and hands the result on, in pieces of bounded size.
    pub(crate) fn feed(&mut self, data: &[u8], mut out: impl FnMut(&[u8])) -> Result<(), String> {
        if let (Self::Undecided, Some(&first)) = (&*self, data.first()) {
            // RFC 1950: the low half of a zlib stream's first byte is its method, 8.
            *self = if first & 0x0f == 8 {
                Self::Zlib(ZlibDecoder::new(Vec::new()))
            } else {
                Self::Bare(DeflateDecoder::new(Vec::new()))
            };
        }
        for step in data.chunks(STEP) {
            let written = match self {
                Self::Gzip(decoder) => decoder.write_all(step).and_then(|()| decoder.flush()),
                Self::Zlib(decoder) => decoder.write_all(step).and_then(|()| decoder.flush()),
                Self::Bare(decoder) => decoder.write_all(step).and_then(|()| decoder.flush()),
                Self::Brotli(decoder) => decoder.write_all(step),
                Self::Undecided => Ok(()),
            };
            written.map_err(|error| error.to_string())?;
            let decoded = self.decoded();
            if !decoded.is_empty() {
                out(decoded);
                decoded.clear();
            }
        }
        Ok(())
    }

    /// Checks that the body was whole.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        let finished = match self {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Bare(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Undecided => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        };
        finished.map_err(|error| format!("it is cut short: {error}"))
    }

    fn decoded(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Bare(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Undecided => {
                unreachable!("decided at the first byte, before anything is decoded")
            }
        }
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}
