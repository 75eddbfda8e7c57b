//! Runs against a small server of the test's own, changed while they go on.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use victor_clock::{now, sleep, sleep_until};
use victor_engine::{EngineError, Finished, Part, Run, Trace, wait_for};
use victor_plan::{
    Arrivals, ClassShare, Habits, Load, Mix, Plan, Retries, Spacing, SpawnSchedule, Stage,
    StopRule, TargetAddress, Targets, TimeLimits, TransportOptions, Wait,
};
use victor_types::{EndReason, FailureKind};

/// What the server does with the n-th request: the pause before its answer, and the answer.
type Script = fn(u64) -> (Duration, &'static str);

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n\
                  {\"response\":\"aloha\"}";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n";

/// A server, the requests that it has had, and their bodies.
#[derive(Clone, Default)]
struct Server {
    had: Arc<AtomicU64>,
    bodies: Arc<Mutex<Vec<String>>>,
    hung_up: Arc<AtomicU64>,
}

impl Server {
    async fn start(script: Script) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let host = format!("http://{}", listener.local_addr().expect("address"));
        let server = Self::default();
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().serve(stream, script));
            }
        });
        (server, host)
    }

    async fn serve(self, mut stream: TcpStream, script: Script) {
        let mut text = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match stream.read(&mut piece).await {
                Ok(n @ 1..) => text.extend_from_slice(&piece[..n]),
                _ => return,
            }
            let read = String::from_utf8_lossy(&text).into_owned();
            let Some((head, body)) = read.split_once("\r\n\r\n") else { continue };
            // The search for its API finds nothing here, and is not counted as a turn.
            if head.starts_with("GET ") && !head.starts_with("GET /health") {
                return;
            }
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            if body.len() < length.unwrap_or(0) {
                continue;
            }
            text.clear();
            self.bodies.lock().expect("bodies").push(body.to_owned());
            let (pause, answer) = script(self.had.fetch_add(1, SeqCst));
            tokio::select! {
                () = sleep(pause) => {}
                _ = stream.read(&mut piece) => {
                    self.hung_up.fetch_add(1, SeqCst);
                    return;
                }
            }
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn had(&self) -> u64 {
        self.had.load(SeqCst)
    }
}

fn closed(users: u64) -> Load {
    Load::Closed(SpawnSchedule::try_new(users, 1000.0).expect("schedule"))
}

fn plan(host: String, load: Load, stop: StopRule) -> Plan {
    let wait = Some(Wait::constant(Duration::from_millis(10)));
    let mix = Mix::try_new(vec![ClassShare::weighted("StressTestUser", 1)]).expect("mix");
    Plan {
        slo: None,
        target: TargetAddress {
            api: None,
            host,
            api_key: None,
            provider: None,
            model: None,
            stream: false,
            transport: TransportOptions::default(),
        },
        mix: mix.with_wait(wait),
        load,
        stop,
        warm_up: None,
        habits: Habits::default(),
        limits: TimeLimits::default(),
        seed: 7,
        shards: 2,
        targets: Targets::default(),
    }
}

/// Runs `plan` to its end; `steer` is called once with the run and may take its time.
async fn run(plan: &Plan, steer: impl AsyncFnOnce(&mut Run)) -> Finished {
    let mut run = Run::start(plan, "test", Trace::Off).await.expect("starts");
    steer(&mut run).await;
    while run.next().await.expect("shards live").is_some() {}
    run.finish()
}

fn at_once(_: u64) -> (Duration, &'static str) {
    (Duration::ZERO, OK)
}

#[tokio::test]
async fn a_pause_lets_no_turn_begin_and_a_resume_does() {
    let (server, host) = Server::start(at_once).await;
    let plan = plan(host, closed(6), StopRule::NEVER);
    let finished = run(&plan, async |run: &mut Run| {
        sleep(Duration::from_millis(300)).await;
        run.pause();
        sleep(Duration::from_millis(200)).await;
        let paused = server.had();
        assert!(paused > 0);
        sleep(Duration::from_millis(300)).await;
        assert_eq!(server.had(), paused, "no turn begins in a pause");
        run.resume();
        while server.had() == paused {
            sleep(Duration::from_millis(10)).await;
        }
        run.stop(EndReason::Interrupted);
    })
    .await;
    let (_, total) = finished.timeline.rows(Part::Whole);
    assert_eq!(total.sent, total.succeeded + total.failed + total.incomplete);
    assert!(finished.changed && total.failed == 0);
}

#[tokio::test]
async fn turns_due_in_a_pause_are_left_out_and_counted() {
    let (server, host) = Server::start(at_once).await;
    let arrivals = Arrivals::staged(
        vec![Stage::jump(100.0), Stage::ramp(Duration::from_secs(1), 100.0)],
        Spacing::Constant,
    );
    let load = Load::Open { arrivals: arrivals.expect("arrivals"), most_users: 50 };
    let finished = run(&plan(host, load, StopRule::NEVER), async |run: &mut Run| {
        sleep_until(run.start_instant() + Duration::from_millis(200)).await;
        run.pause();
        sleep_until(run.start_instant() + Duration::from_millis(600)).await;
        run.resume();
    })
    .await;
    let skipped = finished.timeline.generator().skipped;
    let (_, total) = finished.timeline.rows(Part::Whole);
    assert_eq!((total.sent + skipped, total.sent), (100, server.had()), "none is made up for");
    assert!(skipped >= 10, "{skipped} skipped");
    assert_eq!(finished.end, EndReason::Done, "a schedule that is over ends its run");
}

#[tokio::test]
async fn users_come_and_go_as_told() {
    let (_server, host) = Server::start(at_once).await;
    let stop = StopRule { grace: Duration::from_secs(5), ..StopRule::NEVER };
    let mut seen = Vec::new();
    run(&plan(host, closed(4), stop), async |run: &mut Run| {
        for users in [12, 3] {
            run.set_users(users, 1000.0);
            while run.timeline().present().0 != users {
                run.next().await.expect("shards live").expect("goes on");
            }
            seen.push(users);
        }
        run.stop(EndReason::Interrupted);
    })
    .await;
    assert_eq!(seen, [12, 3]);
}

#[tokio::test]
async fn who_leaves_finishes_its_turn_within_the_grace() {
    let slow = |_| (Duration::from_millis(400), OK);
    for (grace, incomplete) in [(Duration::from_secs(5), 0), (Duration::ZERO, 4)] {
        let (server, host) = Server::start(slow).await;
        let stages = vec![Stage::jump(4.0), Stage::ramp(Duration::from_millis(200), 4.0)];
        let leave = [Stage::jump(0.0), Stage::ramp(Duration::from_millis(900), 0.0)];
        let spawn = SpawnSchedule::staged([stages, leave.to_vec()].concat()).expect("stages");
        let stop = StopRule { grace, ..StopRule::after(Duration::from_millis(1000)) };
        let finished = run(&plan(host, Load::Closed(spawn), stop), async |_: &mut Run| {}).await;
        let (_, total) = finished.timeline.rows(Part::Whole);
        assert_eq!((total.sent, total.incomplete), (4, incomplete), "{grace:?}");
        assert_eq!(server.had(), 4, "nobody begins another turn");
    }
}

#[tokio::test]
async fn a_number_of_turns_is_kept_exactly_over_shards() {
    let (server, host) = Server::start(at_once).await;
    let stop = StopRule { turns: Some(101), ..StopRule::NEVER };
    let finished = run(&plan(host, closed(10), stop), async |_: &mut Run| {}).await;
    assert_eq!((server.had(), finished.timeline.finished()), (101, 101));
    assert_eq!(finished.end, EndReason::Done);
}

#[tokio::test]
async fn attempts_are_counted_and_the_latency_is_over_all_of_them() {
    // Two of three attempts are refused.
    let busy = |n| (Duration::ZERO, if n % 3 == 2 { OK } else { BUSY });
    let (server, host) = Server::start(busy).await;
    let stop = StopRule { turns_per_user: Some(3), ..StopRule::NEVER };
    let pause = Duration::from_millis(20);
    let mut plan = plan(host, closed(1), stop);
    plan.habits.retries = Retries { most: 2, shortest: pause, longest: pause };
    let finished = run(&plan, async |_: &mut Run| {}).await;
    let (_, total) = finished.timeline.rows(Part::Whole);
    assert_eq!((server.had(), total.sent, total.succeeded, total.retries), (9, 3, 3, 6));
    let fastest = total.latency.min.expect("successes");
    assert!(fastest.0 >= 20.0, "two pauses of at least 10 ms are in {fastest}");
    assert!(total.service.min < total.latency.min, "an attempt is shorter than its turn");
}

#[tokio::test]
async fn without_retries_a_refusal_is_a_failure() {
    let (server, host) = Server::start(|_| (Duration::ZERO, BUSY)).await;
    let stop = StopRule { turns_per_user: Some(2), ..StopRule::NEVER };
    let finished = run(&plan(host, closed(1), stop), async |_: &mut Run| {}).await;
    assert_eq!((server.had(), finished.timeline.failures()[0].count), (2, 2));
}

#[tokio::test]
async fn an_impatient_user_hangs_up_in_the_middle() {
    let (server, host) = Server::start(|_| (Duration::from_secs(60), OK)).await;
    let stop = StopRule { turns_per_user: Some(2), ..StopRule::NEVER };
    let mut plan = plan(host, closed(3), stop);
    plan.habits.patience = Some(Duration::from_millis(50));
    let began = now();
    let finished = run(&plan, async |_: &mut Run| {}).await;
    let failures = finished.timeline.failures();
    assert_eq!((failures[0].kind, failures[0].count), (FailureKind::Abandoned, 6));
    while server.hung_up.load(SeqCst) < 6 {
        assert!(began.elapsed() < Duration::from_secs(30), "the server must notice");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_seed_repeats_what_is_said_however_many_shards() {
    let mut said = Vec::new();
    for (seed, shards) in [(7, 1), (7, 3), (8, 1)] {
        let (server, host) = Server::start(at_once).await;
        let stop = StopRule { turns_per_user: Some(5), ..StopRule::NEVER };
        let mut plan = Plan { seed, shards, ..plan(host, closed(6), stop) };
        let share = ClassShare::weighted("MemoryLeakTestUser", 1);
        let wait = plan.mix.wait();
        plan.mix = Mix::try_new(vec![share]).expect("mix").with_wait(wait);
        run(&plan, async |_: &mut Run| {}).await;
        let mut bodies = server.bodies.lock().expect("bodies").clone();
        bodies.sort();
        said.push(bodies);
    }
    assert_eq!(said[0].len(), 30);
    assert_eq!(said[0], said[1]);
}

const MISSING: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_target_is_waited_for_until_it_says_that_it_is_ready() {
    let long = Duration::from_secs(20);
    let waiting = |host| plan(host, closed(1), StopRule::NEVER);
    let (server, host) = Server::start(|n| (Duration::ZERO, if n < 2 { BUSY } else { OK })).await;
    wait_for(&waiting(host), long).await.expect("ready");
    assert_eq!(server.had(), 3, "asked until it was");
    let (server, host) = Server::start(|_| (Duration::ZERO, MISSING)).await;
    wait_for(&waiting(host), long).await.expect("accepting connections is all it can say");
    assert_eq!(server.had(), 2, "both addresses of its health were tried");
    let (_, host) = Server::start(|_| (Duration::ZERO, BUSY)).await;
    let error = wait_for(&waiting(host), Duration::from_millis(300)).await.expect_err("never");
    assert!(matches!(error, EngineError::NotReady { .. }), "{error}");
}
