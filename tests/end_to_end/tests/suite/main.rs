//! The real binary against the real binary, over real sockets and with real signals.
//!
//! Each test has a folder of its own, in which its processes run and leave their files. A process
//! is killed when its test ends, however that ends; nothing is waited for without a limit. No test
//! says how fast anything is, so a busy machine makes them slower and not wrong.
//!
//! The binary is built once, in the profile of the tests; `VICTOR_BIN` names another one.

mod config;
mod dialects;
mod errors;
mod isolation;
mod latency;
mod observe;
mod open_load;
mod run;
mod scale;
mod scale_faults;
mod scale_hostile;
mod scale_memory;
mod secure;
mod serve;
mod support;
mod tools;
mod truth;
