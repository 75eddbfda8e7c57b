//! Every fault's form, example and meaning, and how it is read: one table, from which the help and
//! the errors are made.

use super::error::BadFault;
use super::fault::Fault;
use super::kind::Kind;
use super::rhythm::Rhythm;
use super::value::{Share, bytes, number, span};

/// Turns in flight that start a slow recovery, where `above=` does not say.
const CROWD: u64 = 100;

struct Row {
    kind: Kind,
    /// The value as it is described; empty when there is none.
    value: &'static str,
    example: &'static str,
    help: &'static str,
}

const TABLE: [Row; 17] = [
    row(Kind::LeakRequest, "BYTES", "1KiB", "bytes kept for ever for each chat request"),
    row(Kind::LeakSession, "BYTES", "10KiB", "bytes kept for ever for each session created"),
    row(Kind::LeakFd, "SHARE", "0.01", "share of chat requests that leave a file open"),
    row(
        Kind::LatencyCreep,
        "PERCENT/TIME",
        "30%/10m",
        "service times grow by PERCENT over TIME, and stay",
    ),
    row(
        Kind::GcPause,
        "TIME/PERIOD",
        "200ms/5s",
        "everything stands still for TIME of each PERIOD",
    ),
    row(Kind::Stall, "TIME@SHARE", "2s@5%", "turns stop before their middle token"),
    row(Kind::Cut, "SHARE", "2%", "answers end early: no [DONE], or closed mid-body"),
    row(Kind::ErrorIn200, "SHARE", "1%", "turns fail under status 200"),
    row(Kind::CrossTalk, "SHARE", "0.01", "session turns are answered from another session"),
    row(Kind::Serialise, "", "", "all turns of all sessions run one after another"),
    row(Kind::FakeStream, "", "", "the tokens of a stream come in one piece at its end"),
    row(
        Kind::ErrorBurst,
        "STATUS,TIME/PERIOD",
        "500,2s/20s",
        "STATUS to all for TIME of each PERIOD",
    ),
    row(
        Kind::SlowStart,
        "FACTORx/TIME",
        "3x/30s",
        "service times FACTOR as long, falling to 1 over TIME",
    ),
    row(
        Kind::SlowRecovery,
        "TIME[,above=TURNS]",
        "30s,above=100",
        "service times doubled until TIME after a crowd",
    ),
    row(Kind::WorkAfterHangup, "TIME", "5s", "a turn goes on for up to TIME after a hang-up"),
    row(Kind::EmptyAnswer, "SHARE", "1%", "answers without a word"),
    row(Kind::Forget, "SHARE", "1%", "session turns whose history the model is not shown"),
];

const fn row(kind: Kind, value: &'static str, example: &'static str, help: &'static str) -> Row {
    Row { kind, value, example, help }
}

impl Row {
    fn with(&self, value: &str) -> String {
        let name = self.kind.flag();
        if value.is_empty() { name } else { format!("{name}={value}") }
    }
}

/// The forms of all faults, separated by commas.
pub(crate) fn forms() -> String {
    TABLE.iter().map(|row| row.with(row.value)).collect::<Vec<_>>().join(", ")
}

/// One line for each fault: its form, its meaning, an example.
#[must_use]
pub fn fault_help() -> String {
    let mut text =
        String::from("Faults (SHARE is 0 to 1 or a percentage; TIME is like 200ms, 2s, 10m):");
    for row in &TABLE {
        let form = row.with(row.value);
        text.push_str(&format!("\n  {form:<33} {}", row.help));
        if !row.example.is_empty() {
            text.push_str(&format!(" ({})", row.example));
        }
    }
    text
}

/// Reads `NAME=VALUE[,key=value...]`.
pub(crate) fn read(text: &str) -> Result<Fault, BadFault> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let found = Kind::named(name).and_then(|kind| TABLE.iter().find(|row| row.kind == kind));
    let row = found.ok_or_else(|| BadFault::Unknown { text: text.to_owned() })?;
    Value::split(value).and_then(|value| value.fault(row.kind)).ok_or_else(|| BadFault::Value {
        text: text.to_owned(),
        form: row.with(row.value),
        example: row.with(row.example),
    })
}

/// What stands after the name: the value itself and `key=value` pairs.
struct Value<'a> {
    main: Option<&'a str>,
    keys: Vec<(&'a str, &'a str)>,
}

impl<'a> Value<'a> {
    fn split(text: Option<&'a str>) -> Option<Self> {
        let Some(text) = text else { return Some(Self { main: None, keys: Vec::new() }) };
        let end = text
            .match_indices(',')
            .find(|(at, _)| text[at + 1..].split(',').next().is_some_and(|next| next.contains('=')))
            .map_or(text.len(), |(at, _)| at);
        let keys = text[end..].split_terminator(',').filter(|part| !part.is_empty());
        let keys = keys.map(|part| part.split_once('=')).collect::<Option<Vec<_>>>()?;
        Some(Self { main: Some(&text[..end]), keys })
    }

    fn fault(self, kind: Kind) -> Option<Fault> {
        let Self { main, keys } = self;
        let mut above = CROWD;
        for (key, value) in keys {
            match (kind, key) {
                (Kind::SlowRecovery, "above") => above = value.parse().ok()?,
                _ => return None,
            }
        }
        let Some(main) = main else {
            return match kind {
                Kind::Serialise => Some(Fault::Serialise),
                Kind::FakeStream => Some(Fault::FakeStream),
                _ => None,
            };
        };
        let share = || Share::read(main);
        Some(match kind {
            Kind::LeakRequest => Fault::LeakRequest(bytes(main)?),
            Kind::LeakSession => Fault::LeakSession(bytes(main)?),
            Kind::LeakFd => Fault::LeakFd(share()?),
            Kind::LatencyCreep => creep(main)?,
            Kind::GcPause => Fault::GcPause(Rhythm::read(main)?),
            Kind::Stall => {
                let (pause, share) = main.split_once('@')?;
                Fault::Stall { pause: span(pause)?, share: Share::read(share)? }
            }
            Kind::Cut => Fault::Cut(share()?),
            Kind::ErrorIn200 => Fault::ErrorIn200(share()?),
            Kind::CrossTalk => Fault::CrossTalk(share()?),
            Kind::Serialise | Kind::FakeStream => return None,
            Kind::ErrorBurst => {
                let (status, rhythm) = main.split_once(',')?;
                let status = status.parse().ok().filter(|status| (400..600).contains(status))?;
                Fault::ErrorBurst { status, rhythm: Rhythm::read(rhythm)? }
            }
            Kind::SlowStart => slow_start(main)?,
            Kind::SlowRecovery => Fault::SlowRecovery { lasting: span(main)?, above },
            Kind::WorkAfterHangup => Fault::WorkAfterHangup(span(main)?),
            Kind::EmptyAnswer => Fault::EmptyAnswer(share()?),
            Kind::Forget => Fault::Forget(share()?),
        })
    }
}

fn creep(text: &str) -> Option<Fault> {
    let (by, over) = text.split_once('/')?;
    let by = number(by.strip_suffix('%')?)? / 100.0;
    let over = span(over).filter(|over| !over.is_zero())?;
    (by <= 100.0).then_some(Fault::LatencyCreep { by, over })
}

fn slow_start(text: &str) -> Option<Fault> {
    let (times, over) = text.split_once('/')?;
    let times = number(times.strip_suffix('x')?).filter(|times| (1.0..=100.0).contains(times))?;
    let over = span(over).filter(|over| !over.is_zero())?;
    Some(Fault::SlowStart { times, over })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_one_row_whose_example_reads_and_reads_back() {
        for (kind, row) in Kind::ALL.into_iter().zip(&TABLE) {
            assert_eq!(kind, row.kind);
            let fault = read(&row.with(row.example)).expect(row.help);
            assert_eq!(fault.kind(), kind);
            assert_eq!(fault.to_string().parse(), Ok(fault), "{fault}");
            assert!(fault_help().contains(&row.with(row.value)), "{kind:?}");
        }
    }

    #[test]
    fn numbers_are_those_that_were_written() {
        let read = |text| read(text).expect(text);
        assert_eq!(read("leak-request=1KiB"), Fault::LeakRequest(1024));
        assert_eq!(read("error_in_200=0.5"), read("error-in-200=50%"));
        let Fault::ErrorBurst { status, rhythm } = read("error-burst=503,2s/20s") else {
            panic!("a burst");
        };
        assert_eq!((status, Some(rhythm)), (503, Rhythm::read("2s/20s")));
        let Fault::SlowRecovery { above, .. } = read("slow-recovery=30s,above=7") else {
            panic!("a slow recovery");
        };
        assert_eq!(above, 7);
    }

    #[test]
    fn what_cannot_be_read_names_the_right_form() {
        for text in [
            "cross-talk=200%",
            "cross-talk",
            "cut=2%,above=3",
            "serialise=1",
            "error-burst=200,1s/2s",
            "slow-start=0.5x/3s",
            "stall=2s",
            "latency-creep=30/1m",
            "slow-recovery=1s,above=",
            "slow-recovery=1s,beneath=3",
            "leak-request=0",
        ] {
            let error = read(text).expect_err(text).to_string();
            let name = text.split('=').next().expect("a name");
            assert!(error.contains(text) && error.contains(&format!("write {name}")), "{error}");
        }
        let error = read("gremlins=1").expect_err("unknown").to_string();
        for row in &TABLE {
            assert!(error.contains(&row.with(row.value)), "{error}");
        }
    }
}
