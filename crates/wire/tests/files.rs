//! A machine without a file descriptor left. Alone in its process, as the limit is the process's.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::time::Duration;
use tokio::net::TcpListener;
use victor_plan::TransportOptions;
use victor_types::FailureKind;
use victor_wire::{Client, Endpoint, Limits, Target};

#[tokio::test]
async fn a_process_without_files_left_blames_itself_and_recovers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let endpoint = Endpoint::parse(&url).expect("an address");
    let target = Target::new(endpoint, TransportOptions::default()).expect("a target");
    let addresses = target.resolve().await.expect("addresses");
    let client = Client::new(target, addresses);
    let second = Duration::from_secs(1);
    let limits = Limits { connect: second, first_byte: second, stall: second, total: second };

    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum }).expect("a lower limit");
    let mut held = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        held.push(file);
    }
    let error = client.reach(&limits).await.expect_err("no file is left");
    assert_eq!(error.kind(), FailureKind::GeneratorOverload, "{error}");
    drop(held);
    client.reach(&limits).await.expect("a connection");
}
