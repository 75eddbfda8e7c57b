//! What the container promises, sentence by sentence.

mod asynchronous;
mod census;
mod circles;
mod disposal;
mod errors;
mod lifetimes;
mod support;
mod threads;
