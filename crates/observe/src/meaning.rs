//! Which of a target's metrics say what its report shows.

use crate::counters::{Counters, per_second};
use crate::exposition::{Sample, samples};
use victor_clock::Instant;
use victor_types::{Bytes, MetricsSample};

/// How a metric is found by name.
enum Named {
    /// By its whole name.
    Is(&'static str),
    /// By its whole name, with a label.
    With(&'static str, &'static str, &'static str),
    /// By how its name ends.
    Ends(&'static str),
}

use Named::{Ends, Is, With};

/// Heap in use, in bytes: Go, the JVM (Micrometer, then the client library), Node.js, .NET.
const HEAP: [Named; 6] = [
    Is("go_memstats_heap_inuse_bytes"),
    With("jvm_memory_used_bytes", "area", "heap"),
    With("jvm_memory_bytes_used", "area", "heap"),
    Is("nodejs_heap_size_used_bytes"),
    Is("dotnet_total_memory_bytes"),
    Ends("_heap_bytes"),
];

/// Seconds spent in garbage collection.
const GC_SECONDS: [Named; 4] = [
    Is("go_gc_duration_seconds_sum"),
    Is("jvm_gc_pause_seconds_sum"),
    Is("jvm_gc_collection_seconds_sum"),
    Is("nodejs_gc_duration_seconds_sum"),
];

/// Garbage collections.
const GC_RUNS: [Named; 5] = [
    Is("go_gc_duration_seconds_count"),
    Is("jvm_gc_pause_seconds_count"),
    Is("jvm_gc_collection_seconds_count"),
    Is("nodejs_gc_duration_seconds_count"),
    Is("python_gc_collections_total"),
];

/// Sessions held.
const LIVE_SESSIONS: [Named; 5] = [
    Is("victor_sessions_live"),
    Ends("sessions_live"),
    Ends("live_sessions"),
    Ends("active_sessions"),
    Ends("sessions_active"),
];

/// Requests being worked on.
const IN_FLIGHT: [Named; 6] = [
    Is("victor_turns_in_flight"),
    Is("vllm:num_requests_running"),
    Is("tgi_batch_current_size"),
    Ends("requests_in_flight"),
    Ends("requests_in_progress"),
    Ends("requests_inprogress"),
];

/// Requests that wait to be worked on.
const WAITING: [Named; 4] = [
    Is("vllm:num_requests_waiting"),
    Is("tgi_queue_size"),
    Ends("requests_queued"),
    Ends("requests_waiting"),
];

impl Named {
    fn fits(&self, sample: &Sample<'_>) -> bool {
        match self {
            Is(name) => sample.name == *name,
            With(name, label, value) => sample.name == *name && sample.has(label, value),
            Ends(end) => sample.name.ends_with(end),
        }
    }
}

/// Follows the metrics of one target.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    counters: Counters<(), 2>,
}

impl Meaning {
    /// What `text` says. `None` when none of its metrics is known.
    pub(crate) fn read(&mut self, text: &str, at: Instant) -> Option<MetricsSample> {
        let all: Vec<Sample<'_>> = samples(text).filter(|sample| sample.value >= 0.0).collect();
        let sum = |names: &[Named]| sum(&all, names);
        let (runs, seconds) = (sum(&GC_RUNS), sum(&GC_SECONDS));
        let found = MetricsSample {
            heap: sum(&HEAP).map(|bytes| Bytes(whole(bytes))),
            live_sessions: sum(&LIVE_SESSIONS),
            in_flight: sum(&IN_FLIGHT),
            waiting: sum(&WAITING),
            ..MetricsSample::default()
        };
        let known = found != MetricsSample::default() || runs.is_some() || seconds.is_some();
        let nanos = seconds.map(|seconds| whole(seconds * 1e9));
        let [gc_runs, gc_nanos] = self.counters.of_one([runs.map(whole), nanos], at);
        known.then_some(MetricsSample {
            gc_runs: per_second(gc_runs),
            gc_share: gc_nanos.map(|nanos| nanos / 1e9),
            ..found
        })
    }
}

/// The sum over labels of the first of `names` that is there.
fn sum(all: &[Sample<'_>], names: &[Named]) -> Option<f64> {
    names.iter().find_map(|name| {
        let mut fitting = all.iter().filter(|sample| name.fits(sample)).peekable();
        fitting.peek()?;
        Some(fitting.map(|sample| sample.value).sum())
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; 0 and above"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::{Duration, now};

    #[test]
    fn a_heap_in_parts_is_summed_and_pauses_become_a_share() {
        let (mut meaning, start) = (Meaning::default(), now());
        let text = |seconds: f64, count: u32| {
            format!(
                "jvm_memory_used_bytes{{area=\"heap\",id=\"Eden\"}} 1.0E6\n\
                 jvm_memory_used_bytes{{area=\"heap\",id=\"Old\"}} 2.5E6\n\
                 jvm_memory_used_bytes{{area=\"nonheap\",id=\"Code\"}} 9.0E6\n\
                 jvm_gc_pause_seconds_sum{{action=\"minor\"}} {seconds}\n\
                 jvm_gc_pause_seconds_count{{action=\"minor\"}} {count}\n"
            )
        };
        let first = meaning.read(&text(1.0, 10), start).expect("known");
        assert_eq!((first.heap, first.gc_share), (Some(Bytes(3_500_000)), None));
        let second = meaning.read(&text(1.1, 14), start + Duration::from_secs(2)).expect("known");
        assert!(second.gc_share.is_some_and(|share| (share - 0.05).abs() < 1e-6), "{second:?}");
        assert!(second.gc_runs.is_some_and(|rate| (rate.0 - 2.0).abs() < 1e-9), "{second:?}");
        assert_eq!(second.live_sessions, None);
    }

    #[test]
    fn a_text_without_known_metrics_says_nothing() {
        let mut meaning = Meaning::default();
        assert_eq!(meaning.read("<html>not metrics</html>\nup 1\n", now()), None);
        let model = "vllm:num_requests_running{model=\"m\"} 3.0\nvllm:num_requests_waiting 4\n";
        let found = meaning.read(model, now()).expect("known");
        assert_eq!((found.in_flight, found.waiting), (Some(3.0), Some(4.0)));
        let odd = meaning.read("victor_sessions_live NaN\nmy_active_sessions -1\n", now());
        assert_eq!(odd, None, "neither is a number of sessions");
    }
}
