//! What hearing one chunk of a stream costs: `cargo run --release -p victor-dialect --example
//! chunk_cost`.

use std::io::Write as _;
use victor_clock::{Duration, now};
use victor_dialect::Dialect;
use victor_plan::Api;
use victor_wire::{Event, ResponseParser, Sink as _};

const CHUNKS: u32 = 200;
const STREAMS: u32 = 500;

fn main() -> std::io::Result<()> {
    let event = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n";
    let dialect = Dialect::new(Api::OpenAi).with_stream(true);
    let mut costs: Vec<Duration> = Vec::new();
    for _ in 0..9 {
        let began = now();
        for _ in 0..STREAMS {
            let mut decoder = dialect.decoder();
            let mut head: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            if let Ok(Some(Event::Head(head))) = ResponseParser::default().next(&mut head) {
                decoder.head(&head, now());
            }
            for _ in 0..CHUNKS {
                decoder.data(event.as_bytes(), now());
            }
            decoder.data(b"data: [DONE]\n\n", now());
            let answer = decoder.finish().map_err(|failure| std::io::Error::other(failure.seen))?;
            std::hint::black_box(answer);
        }
        costs.push(began.elapsed() / (STREAMS * CHUNKS));
    }
    costs.sort();
    writeln!(std::io::stdout(), "a chunk costs {:?} (median of {})", costs[4], costs.len())
}
