//! Keys pressed while a run goes on, as in Locust: w and W add 1 and 10 users, s and S remove them; p
//! pauses and resumes.

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::io::{IsTerminal, Read, stdin};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use victor_suite::Change;

/// What the terminal was like; dropped, it is so again.
pub(crate) struct Terminal(Option<Termios>);

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}

/// Listens to keys, if somebody sits at standard input.
pub(crate) fn listen() -> Option<(Terminal, UnboundedReceiver<Change>)> {
    if !stdin().is_terminal() {
        return None;
    }
    // A process in the background that touched its terminal would be stopped.
    if tcgetpgrp(stdin()).ok()? != getpgrp() {
        return None;
    }
    let before = tcgetattr(stdin()).ok()?;
    let mut keys = before.clone();
    // Key by key and unseen; Ctrl-C stays a signal.
    keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Now, &keys).ok()?;
    let terminal = Terminal(Some(before));
    let (sender, receiver) = unbounded_channel();
    // A read cannot be taken back: the thread ends with the process.
    std::thread::Builder::new()
        .name("keys".to_owned())
        .spawn(move || {
            for key in stdin().lock().bytes().map_while(Result::ok) {
                if change_of(key).is_some_and(|change| sender.send(change).is_err()) {
                    return;
                }
            }
        })
        .ok()?;
    Some((terminal, receiver))
}

fn change_of(key: u8) -> Option<Change> {
    match key {
        b'w' => Some(Change::More(1)),
        b'W' => Some(Change::More(10)),
        b's' => Some(Change::More(-1)),
        b'S' => Some(Change::More(-10)),
        b'p' => Some(Change::Pause),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_they_mean_in_locust() {
        let told: Vec<_> = b"wWsSpx".iter().map(|key| change_of(*key)).collect();
        let more = |n| Some(Change::More(n));
        assert_eq!(told, [more(1), more(10), more(-1), more(-10), Some(Change::Pause), None]);
    }
}
