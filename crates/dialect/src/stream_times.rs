//! When the pieces of a streamed answer arrived.

use victor_clock::Instant;

/// Longest stretch of gaps kept of one answer; beyond it gaps are no longer kept, only counted on.
const MOST_GAPS: usize = 1 << 20;

/// The instants of one stream. A *chunk* is an event that carries content: text, reasoning or a part
/// of a tool call. Events without any (roles, empty deltas, usage, metadata, keep-alive comments)
/// are no chunks. All pieces of one read share its instant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamTimes {
    first_event: Option<Instant>,
    first_chunk: Option<Instant>,
    first_output: Option<Instant>,
    first_tool_call: Option<Instant>,
    last_chunk: Option<Instant>,
    chunks: u64,
    shared: u64,
    comments: u64,
    first_chunk_tokens: Option<u64>,
    gaps: Vec<u32>,
}

/// What one event carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) text: bool,
    pub(crate) reasoning: bool,
    pub(crate) tool_call: bool,
    /// Output tokens so far, when the event says so.
    pub(crate) tokens: Option<u64>,
}

impl StreamTimes {
    /// When the first event of any kind arrived.
    #[must_use]
    pub fn first_event(&self) -> Option<Instant> {
        self.first_event
    }

    /// When the first chunk arrived, reasoning included: the first token.
    #[must_use]
    pub fn first_chunk(&self) -> Option<Instant> {
        self.first_chunk
    }

    /// When the first chunk arrived that is not reasoning: the first output token.
    #[must_use]
    pub fn first_output(&self) -> Option<Instant> {
        self.first_output
    }

    /// When the first part of a tool call arrived.
    #[must_use]
    pub fn first_tool_call(&self) -> Option<Instant> {
        self.first_tool_call
    }

    /// When the last chunk arrived.
    #[must_use]
    pub fn last_chunk(&self) -> Option<Instant> {
        self.last_chunk
    }

    /// How many chunks there were.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// How many chunks came with the same read as the chunk before them.
    #[must_use]
    pub fn shared(&self) -> u64 {
        self.shared
    }

    /// Keep-alive comments.
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.comments
    }

    /// Tokens of the first chunk, where that is known: the server counts along.
    #[must_use]
    pub fn first_chunk_tokens(&self) -> Option<u64> {
        self.first_chunk_tokens
    }

    /// Gaps between chunks in whole microseconds, in order.
    #[must_use]
    pub fn gaps(&self) -> &[u32] {
        &self.gaps
    }

    /// An event arrived with the read that returned at `at`.
    pub(crate) fn event(&mut self, at: Instant, carried: Carried) {
        self.first_event.get_or_insert(at);
        let output = carried.text || carried.tool_call;
        if !output && !carried.reasoning {
            return;
        }
        self.chunks += 1;
        match self.last_chunk {
            None => {
                self.first_chunk = Some(at);
                self.first_chunk_tokens = carried.tokens.filter(|count| *count > 0);
            }
            Some(last) => {
                let gap = at.saturating_duration_since(last);
                self.shared += u64::from(gap.is_zero());
                if self.gaps.len() < MOST_GAPS {
                    self.gaps.push(u32::try_from(gap.as_micros()).unwrap_or(u32::MAX));
                }
            }
        }
        self.last_chunk = Some(at);
        if output {
            self.first_output.get_or_insert(at);
        }
        if carried.tool_call {
            self.first_tool_call.get_or_insert(at);
        }
    }

    pub(crate) fn set_comments(&mut self, comments: u64) {
        self.comments = comments;
    }

    /// Times of a stream whose chunks arrived at `chunks`, as a server that sends text alone makes
    /// them; for tests and examples of what reads them.
    #[must_use]
    pub fn of_chunks(chunks: &[Instant]) -> Self {
        let mut times = Self::default();
        for &at in chunks {
            times.event(at, Carried { text: true, ..Carried::default() });
        }
        times
    }
}
