//! The real binary against the real binary: everything is in `tests/suite`.
