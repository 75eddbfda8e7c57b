//! Keeps what happens on one shard. Owned by the shard's thread; no lock, no sharing.

use crate::flight::{Flight, Flights, Ticket};
use crate::guest::Made;
use crate::row::Row;
use victor_clock::{Anchor, Instant};
use victor_dialect::{Answer, Failure};
use victor_plan::Slo;
use victor_types::{Millis, Seconds, SnapshotRow, TraceOutcome, TraceRecord};
use victor_wire::Times;

/// The recorder of a shard.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Instant,
    rows: Vec<Row>,
    flights: Flights,
    trace: Option<TraceLines>,
    finished: u64,
    slo: Option<Slo>,
    /// Of all requests.
    method: &'static str,
}

/// Trace lines of the running second.
#[derive(Debug)]
struct TraceLines {
    anchor: Anchor,
    lines: Vec<u8>,
}

/// A turn about to begin.
pub(crate) struct Begun {
    pub(crate) name: &'static str,
    pub(crate) planned: Instant,
    pub(crate) user: u64,
    pub(crate) request_id: String,
    pub(crate) session_id: Option<String>,
}

impl Recorder {
    pub(crate) fn new(start: Instant, trace: Option<Anchor>) -> Self {
        let trace = trace.map(|anchor| TraceLines { anchor, lines: Vec::new() });
        let flights = Flights::default();
        Self { start, rows: Vec::new(), flights, trace, finished: 0, slo: None, method: "POST" }
    }

    /// Counts the turns that meet these objectives.
    pub(crate) fn with_slo(self, slo: Option<Slo>) -> Self {
        Self { slo, ..self }
    }

    /// Names this method of HTTP for all requests.
    pub(crate) fn with_method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub(crate) fn begin(&mut self, begun: Begun) -> Ticket {
        let row = self.row(begun.name);
        self.rows[row].begun();
        let Begun { planned, user, request_id, session_id, .. } = begun;
        self.flights.depart(Flight { row, planned, user, request_id, session_id })
    }

    /// Ends a turn at `done`: the last byte of a success, the instant of a failure.
    pub(crate) fn finish(
        &mut self,
        ticket: Ticket,
        done: Instant,
        made: &Made,
        judged: &Result<Answer, Failure>,
    ) {
        let Some(flight) = self.flights.land(ticket) else { return };
        let times = &made.times;
        self.finished += 1;
        let row = &mut self.rows[flight.row];
        row.retried(made.retries);
        match judged {
            Ok(answer) => row.succeeded(flight.planned, done, times, answer),
            Err(failure) => {
                let latency = done - flight.planned;
                row.failed(latency, times, failure.kind);
                let at = Seconds::from(done.saturating_duration_since(self.start));
                row.keep(failure, &flight.request_id, flight.session_id.as_deref(), at, latency);
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.write(&flight, self.rows[flight.row].name, times, done, Some(judged));
        }
    }

    /// The user of a turn is gone before its end: the turn is incomplete.
    pub(crate) fn give_up(&mut self, ticket: Ticket, at: Instant) {
        if let Some(flight) = self.flights.land(ticket) {
            self.incomplete(&flight, at);
        }
    }

    /// The run is over: what is still in flight is incomplete.
    pub(crate) fn close(&mut self, at: Instant) {
        for flight in self.flights.drain() {
            self.incomplete(&flight, at);
        }
    }

    fn incomplete(&mut self, flight: &Flight, at: Instant) {
        self.rows[flight.row].incomplete(at.saturating_duration_since(flight.planned));
        if let Some(trace) = &mut self.trace {
            trace.write(flight, self.rows[flight.row].name, &Times::default(), at, None);
        }
    }

    /// Rows with news since the last call.
    pub(crate) fn take_rows(&mut self) -> Vec<SnapshotRow> {
        self.rows.iter_mut().filter_map(Row::take).collect()
    }

    /// Trace lines since the last call.
    pub(crate) fn take_trace(&mut self) -> Vec<u8> {
        self.trace.as_mut().map(|trace| std::mem::take(&mut trace.lines)).unwrap_or_default()
    }

    /// How many turns are in flight at `at`, and the age of the oldest.
    pub(crate) fn in_flight(&self, at: Instant) -> (u64, Option<Millis>) {
        let (count, oldest) = self.flights.census();
        (count, oldest.map(|planned| Millis::from(at.saturating_duration_since(planned))))
    }

    fn row(&mut self, name: &'static str) -> usize {
        // A handful of names: a scan is faster than hashing one.
        self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.rows.push(Row::new(name, self.method, self.slo));
            self.rows.len() - 1
        })
    }
}

impl TraceLines {
    fn write(
        &mut self,
        flight: &Flight,
        name: &str,
        times: &Times,
        done: Instant,
        judged: Option<&Result<Answer, Failure>>,
    ) {
        let ns = |at: Instant| self.anchor.monotonic_ns(at);
        let record = TraceRecord {
            request_id: flight.request_id.clone(),
            user: flight.user,
            name: name.to_owned(),
            session_id: flight.session_id.clone(),
            planned_ns: ns(flight.planned),
            sent_ns: times.sent.map(ns),
            opening_ns: times.opening.map(ns),
            resolved_ns: times.resolved.map(ns),
            connected_ns: times.connected.map(ns),
            secured_ns: times.secured.map(ns),
            first_byte_ns: times.first_byte.map(ns),
            first_content_ns: times.first_content.map(ns),
            done_ns: ns(done),
            outcome: match judged {
                Some(Ok(_)) => TraceOutcome::Success,
                Some(Err(_)) => TraceOutcome::Failed,
                None => TraceOutcome::Incomplete,
            },
            failure: judged.and_then(|judged| judged.as_ref().err()).map(|failure| failure.kind),
        };
        // Writing plain data to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.lines, &record);
        self.lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::{Duration, now};
    use victor_types::FailureKind;

    fn begun(name: &'static str, planned: Instant, id: &str) -> Begun {
        Begun { name, planned, user: 1, request_id: id.into(), session_id: None }
    }

    #[test]
    fn everything_sent_is_a_success_a_failure_or_incomplete() {
        let start = now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut recorder = Recorder::new(start, Some(Anchor::take()));
        let first = recorder.begin(begun("a", at(0), "r1"));
        let second = recorder.begin(begun("a", at(1), "r2"));
        let _third = recorder.begin(begun("b", at(2), "r3"));
        let times =
            Times { sent: Some(at(1)), last_byte: Some(at(10)), received: 7, ..Times::default() };
        let made = Made { times, retries: 0 };
        recorder.finish(first, at(10), &made, &Ok(Answer::default()));
        let cut = Failure::new(FailureKind::Cut, "gone");
        recorder.finish(second, at(20), &Made::default(), &Err(cut));
        assert_eq!(recorder.in_flight(at(50)), (1, Some(Millis(48.0))));
        recorder.close(at(100));

        let rows = recorder.take_rows();
        assert_eq!(rows.len(), 2);
        let (a, b) = (&rows[0], &rows[1]);
        assert_eq!((a.sent, a.succeeded, a.failed[0].count, a.incomplete), (2, 1, 1, 0));
        assert_eq!((b.sent, b.succeeded, b.incomplete), (1, 0, 1));
        assert_eq!(a.latency.buckets()[0].0 / 100, 100, "from the planned instant");
        assert_eq!(a.service.buckets()[0].0 / 100, 90, "from the hand-over");
        assert_eq!(a.exemplars[0].request_id, "r2");
        assert_eq!(b.incomplete_age.buckets(), [(98_000, 1)]);
        assert!(recorder.take_rows().is_empty(), "taken once");

        let trace = String::from_utf8(recorder.take_trace()).expect("text");
        let records: Vec<TraceRecord> =
            trace.lines().map(|line| serde_json::from_str(line).expect("record")).collect();
        let outcomes: Vec<_> = records.iter().map(|r| (r.request_id.as_str(), r.outcome)).collect();
        assert_eq!(
            outcomes,
            [
                ("r1", TraceOutcome::Success),
                ("r2", TraceOutcome::Failed),
                ("r3", TraceOutcome::Incomplete)
            ]
        );
        assert_eq!(records[0].done_ns - records[0].planned_ns, 10_000_000);
    }

    #[test]
    fn evidence_is_bounded() {
        let start = now();
        let mut recorder = Recorder::new(start, None);
        for n in 0..100 {
            let ticket = recorder.begin(begun("a", start, &n.to_string()));
            let failure = Failure::new(FailureKind::EmptyAnswer, "x");
            recorder.finish(ticket, start, &Made::default(), &Err(failure));
        }
        let rows = recorder.take_rows();
        assert_eq!((rows[0].exemplars.len(), rows[0].failed[0].count), (8, 100));
        assert!(recorder.take_trace().is_empty());
    }
}
