//! The real binary against the real binary; see `tests/`.
