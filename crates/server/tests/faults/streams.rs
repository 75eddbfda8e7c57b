//! Stalls, cuts, errors under status 200, empty answers, streams that are none.

use crate::load::{Seen, counted, fault, ids, plain, streamed, touched};
use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_server::Profile;
use victor_types::ServerOutcome;

/// 200 streams and 200 plain turns of one server, in that order.
async fn turns(server: &Running) -> Vec<Seen> {
    let mut seen = Vec::new();
    for n in 0..200 {
        seen.push(streamed(server, &format!("s{n}"), &format!("What is case {n}?")).await);
    }
    for n in 0..200 {
        let body = json!({ "message": format!("What is case {n}?") });
        seen.push(plain(server, &format!("p{n}"), &body).await);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_stops_the_share_before_the_middle_token() {
    let server = Running::start(fault("stall=60ms@20%")).await;
    let seen = turns(&server).await;
    let records = server.records();
    let truth = touched(&records, "stall");
    let stalled = |seen: &Seen| seen.took >= Duration::from_millis(58);
    assert_eq!(ids(&seen, stalled), truth);
    assert!((50..110).contains(&truth.len()), "20 % of 400: {}", truth.len());
    assert_eq!(counted(&server, "stall").await, truth.len());
    for seen in seen.iter().filter(|seen| seen.id.starts_with('s') && stalled(seen)) {
        let gap = seen.longest_gap();
        assert!((48..90).contains(&gap.as_millis()), "60 ms, seen {gap:?}");
        let times = seen.tokens();
        let middle = times.len() / 2;
        assert_eq!(times[middle] - times[middle - 1], gap, "{times:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_ends_streams_without_done_and_bodies_in_their_middle() {
    let server = Running::start(fault("cut=10%")).await;
    let seen = turns(&server).await;
    let cut =
        |seen: &Seen| if seen.id.starts_with('s') { !seen.done() } else { seen.answer.is_none() };
    let records = server.records();
    let truth = touched(&records, "cut");
    assert_eq!(ids(&seen, cut), truth);
    assert!((22..60).contains(&truth.len()), "10 % of 400: {}", truth.len());
    assert!(
        truth.iter().any(|id| id.starts_with('s')) && truth.iter().any(|id| id.starts_with('p'))
    );
    for record in &records {
        let expected = if truth.contains(&record.request_id) {
            ServerOutcome::Aborted
        } else {
            ServerOutcome::Complete
        };
        assert_eq!(record.outcome, expected, "{record:?}");
    }
    for seen in seen.iter().filter(|seen| seen.id.starts_with('s')) {
        let record = records.iter().find(|r| r.request_id == seen.id).expect("on record");
        assert_eq!(record.tokens as usize, seen.tokens().len());
        assert!(record.tokens > 0, "some tokens come before the cut");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_comes_under_status_200() {
    let server = Running::start(fault("error-in-200=10%")).await;
    let seen = turns(&server).await;
    assert!(seen.iter().all(|seen| seen.status == 200));
    let failed = |seen: &Seen| match &seen.answer {
        Some(answer) => answer["error"].is_object(),
        None => !seen.done() && seen.events.last().is_some_and(|event| event.1["type"] == "error"),
    };
    let truth = touched(&server.records(), "error_in_200");
    assert_eq!(ids(&seen, failed), truth);
    assert!((22..60).contains(&truth.len()), "10 % of 400: {}", truth.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_answer_has_no_word() {
    let server = Running::start(fault("empty-answer=10%")).await;
    let seen = turns(&server).await;
    let empty = |seen: &Seen| match &seen.answer {
        Some(answer) => answer["response"] == "" && answer["usage"]["completion_tokens"] == 0,
        None => seen.done() && seen.tokens().is_empty(),
    };
    let records = server.records();
    let truth = touched(&records, "empty_answer");
    assert_eq!(ids(&seen, empty), truth);
    assert!((22..60).contains(&truth.len()), "10 % of 400: {}", truth.len());
    let silent = records.iter().filter(|record| record.tokens == 0).count();
    assert_eq!(silent, truth.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fake_stream_comes_in_one_piece() {
    for (faults, fake) in [(vec!["fake-stream"], true), (vec![], false)] {
        let server = Running::start(|settings| {
            settings.profile = Profile::Cloud;
            settings.faults = faults.iter().map(|text| text.parse().expect("a fault")).collect();
        })
        .await;
        let seen = streamed(&server, "s", "Message 1: hi. Message 2: ho").await;
        let times = seen.tokens();
        assert!(times.len() >= 4, "{times:?}");
        let spread = times[times.len() - 1] - times[0];
        assert_eq!(spread.is_zero(), fake, "{times:?}");
        assert!(seen.done());
        // The work still takes its time.
        let all: Vec<&Value> = seen.events.iter().map(|event| &event.1).collect();
        assert!(seen.took > Duration::from_millis(200), "{all:?}");
        assert_eq!(touched(&server.records(), "fake_stream").len(), usize::from(fake));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_token_is_on_record_when_it_is_asked_for() {
    let server = Running::start(|settings| {
        settings.profile = Profile::Fast;
        settings.truth_tokens = true;
    })
    .await;
    let seen = streamed(&server, "s", "What is a mutex?").await;
    let record = server.records().pop().expect("a record");
    let times = seen.tokens();
    assert_eq!((record.tokens as usize, record.token_ns.len()), (times.len(), times.len()));
    assert_eq!(record.first_token_ns, record.token_ns.first().copied());
    let order =
        [Some(record.received_ns), record.queued_ns, record.started_ns, record.first_token_ns];
    assert!(order.is_sorted() && order[1].is_some(), "{order:?}");
    assert!(record.token_ns.is_sorted() && record.token_ns.last() <= Some(&record.last_write_ns));
    // The client saw the tokens over the same span, within 20 %.
    let own = (times[times.len() - 1] - times[0]).as_secs_f64();
    let truth = (record.token_ns[times.len() - 1] - record.token_ns[0]) as f64 / 1e9;
    assert!((own / truth - 1.0).abs() < 0.2, "{own} {truth}");
}
