use super::*;
use crate::child::Child;
use victor_clock::sleep;

const BURN: &str = "while :; do :; done";

/// Lower than one core, because the machine may have other things to do.
fn is_about_one_core(cores: f64) -> bool {
    (0.2..1.3).contains(&cores)
}

async fn sampled_after(sampler: &mut Sampler, span: Duration) -> Usage {
    sleep(span).await;
    sampler.sample(now()).expect("running")
}

#[tokio::test]
async fn a_loop_reads_as_one_core_and_a_sleep_as_none() {
    let burning = Child::run(BURN);
    let sleeping = Child::run("exec sleep 60");
    let mut burner = Sampler::new(burning.pid()).expect("running");
    let mut sleeper = Sampler::new(sleeping.pid()).expect("running");
    sleep(Duration::from_secs(1)).await;
    let read_at = now();
    let busy = burner.sample(read_at).expect("running");
    let idle = sleeper.sample(now()).expect("running");
    assert!(is_about_one_core(busy.cpu_cores()), "{busy:?}");
    assert!(idle.cpu_cores() < 0.1, "{idle:?}");
    assert_eq!((busy.threads(), burner.command()), (1, "sh"));
    assert!((Bytes(100 << 10)..Bytes(50 << 20)).contains(&busy.rss()), "{busy:?}");
    assert!(busy.fds().is_some_and(|fds| (3..20).contains(&fds)), "{busy:?}");
    // Too soon for ticks: the last reading stands.
    let again = burner.sample(read_at + Duration::from_millis(40)).expect("running");
    assert!((again.cpu_cores() - busy.cpu_cores()).abs() < f64::EPSILON);
}

#[tokio::test]
async fn descendants_count_also_those_forked_later() {
    let tree = Child::run(&format!("sleep 0.5; sh -c '{BURN}' & wait"));
    let mut sampler = Sampler::new(tree.pid()).expect("running");
    let before = sampler.sample(now()).expect("running");
    assert!(before.threads() <= 2, "{before:?}");
    // A machine that is busy with other things may start the child late.
    for _ in 0..10 {
        let after = sampled_after(&mut sampler, Duration::from_secs(1)).await;
        if after.threads() == 2 && is_about_one_core(after.cpu_cores()) {
            return;
        }
    }
    panic!("the child was never seen at work");
}

#[tokio::test]
async fn children_that_come_and_go_between_samples_count() {
    // Each inner shell lives for some 20 ms.
    let short = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
    let tree = Child::run(&format!("while :; do sh -c '{short}'; done"));
    let mut sampler = Sampler::new(tree.pid()).expect("running");
    // A machine that is busy with other things gives them less than a core.
    for _ in 0..20 {
        let usage = sampled_after(&mut sampler, Duration::from_secs(1)).await;
        if is_about_one_core(usage.cpu_cores()) {
            return;
        }
    }
    panic!("the short-lived children were never seen at work");
}

#[tokio::test]
async fn a_process_that_ended_is_gone_waited_for_or_not() {
    let mut child = Child::run("exec sleep 60");
    let pid = child.pid();
    let mut sampler = Sampler::new(pid).expect("running");
    child.kill();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(sampler.sample(now()), Err(ObserveError::Gone { pid }));
    child.reap();
    assert_eq!(sampler.sample(now()), Err(ObserveError::Gone { pid }));
    assert_eq!(Sampler::new(pid).err(), Some(ObserveError::Gone { pid }));
    assert_eq!(Sampler::new(u32::MAX).err(), Some(ObserveError::Gone { pid: u32::MAX }));
}

#[tokio::test]
async fn descriptors_are_counted_one_by_one() {
    let plain = Child::run("exec sleep 60");
    let more = Child::run("exec 3</dev/null 4</dev/null 5</dev/null; exec sleep 60");
    let mut sampler = Sampler::new(plain.pid()).expect("running");
    let mut other = Sampler::new(more.pid()).expect("running");
    // Until both shells have become the sleep.
    for _ in 0..500 {
        let fds = |usage: Usage| usage.fds().expect("own child");
        let few = fds(sampler.sample(now()).expect("running"));
        if fds(other.sample(now()).expect("running")) == few + 3 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("three descriptors more were not seen");
}
