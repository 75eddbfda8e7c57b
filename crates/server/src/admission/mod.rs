//! Who may take a turn now, who waits, and who is refused on arrival.
//!
//! [`Admission`] owns the line of waiting turns; its lock is held for a few operations, never across
//! an await. A slot passes from the turn that ends straight to the turn that has waited longest, so
//! nobody overtakes and only one waiter wakes. [`Turnstile`] sets the pace of the turns that hold a
//! slot, so that the capacity of a model can be smaller than what the machine could do.

mod capacity;
mod door;
mod line;
mod throughput;

pub(crate) use capacity::Turnstile;
pub use capacity::{BadCapacity, Capacity};
pub(crate) use door::{Admission, Limits, Slot};
