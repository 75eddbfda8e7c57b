//! Ctrl-C and termination.

use crate::talk::{self, Failure};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use victor_types::ExitCode;

/// Counts interrupts and terminations, and says `text` at the first. The first is meant to end the
/// work in order, the second to end it at once.
pub(crate) fn count(text: &'static str) -> Result<watch::Receiver<u32>, Failure> {
    let failed =
        |error| Failure::new(ExitCode::Usage, format!("cannot watch for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let (sender, receiver) = watch::channel(0);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if *sender.borrow() == 0 {
                talk::say(&format!("\n{text}"));
            }
            sender.send_modify(|count| *count += 1);
        }
    });
    Ok(receiver)
}
