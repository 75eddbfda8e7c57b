use super::*;
use crate::ContentType;
use proptest::prelude::*;

/// Parses `bytes` in pieces cut at `cuts`; gives status, body and whether it ended.
fn parse(bytes: &[u8], cuts: &[usize]) -> Result<(u16, Vec<u8>, bool), ParseError> {
    parse_with(ResponseParser::default(), bytes, cuts)
}

fn parse_with(
    mut parser: ResponseParser,
    bytes: &[u8],
    cuts: &[usize],
) -> Result<(u16, Vec<u8>, bool), ParseError> {
    let (mut status, mut body, mut ended) = (0, Vec::new(), false);
    let mut edges: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    edges.extend([0, bytes.len()]);
    edges.sort_unstable();
    for pair in edges.windows(2) {
        let mut input = &bytes[pair[0]..pair[1]];
        while let Some(event) = parser.next(&mut input)? {
            match event {
                Event::Head(head) => status = head.status,
                Event::Data(data) => body.extend_from_slice(data),
                Event::End => ended = true,
            }
        }
        assert!(input.is_empty(), "all input is used");
    }
    Ok((status, body, ended || parser.close()))
}

const CHUNKED: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
    content-type: text/event-stream; charset=utf-8\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\ntrailer: 1\r\n\r\n";
const SIZED: &[u8] = b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\nRetry-After: 7\r\n\r\nsorry";
const CLOSED: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nuntil the end";

proptest! {
    #[test]
    fn any_split_gives_the_same_response(cuts in prop::collection::vec(0_usize..500, 0..8)) {
        prop_assert_eq!(parse(CHUNKED, &cuts), Ok((200, b"hello!".to_vec(), true)));
        prop_assert_eq!(parse(SIZED, &cuts), Ok((503, b"sorry".to_vec(), true)));
        prop_assert_eq!(parse(CLOSED, &cuts), Ok((200, b"until the end".to_vec(), true)));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..300) {
        let _ = parse(&bytes, &[cut]);
        let mut after_head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        after_head.extend(bytes);
        let _ = parse(&after_head, &[cut]);
    }
}

#[test]
fn a_cut_response_is_not_complete() {
    for bytes in [CHUNKED, SIZED] {
        let (_, _, ended) = parse(&bytes[..bytes.len() - 3], &[]).expect("parses");
        assert!(!ended);
    }
}

#[test]
fn broken_framing_is_refused() {
    let broken: [(&[u8], ParseError); 5] = [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2x\r\n\r\n", ParseError::ContentLength),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n",
            ParseError::ContentLength,
        ),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", ParseError::Chunk),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", ParseError::Chunk),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore", ParseError::Surplus),
    ];
    for (bytes, error) in broken {
        assert_eq!(parse(bytes, &[]), Err(error), "{}", String::from_utf8_lossy(bytes));
    }
    let endless = [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'a'; MAX_HEAD + 1]].concat();
    assert_eq!(parse(&endless, &[]), Err(ParseError::HeadTooLarge));
}

#[test]
fn the_head_says_what_matters() {
    let head = |text: &str| {
        let mut input = text.as_bytes();
        match ResponseParser::default().next(&mut input) {
            Ok(Some(Event::Head(head))) => head,
            other => panic!("{other:?}"),
        }
    };
    let plain = head(
        "HTTP/1.1 200 OK\r\ncontent-type: application/problem+json\r\ncontent-length: 1\r\n\r\n",
    );
    assert!(plain.keep_alive && plain.content_type == ContentType::Json);
    assert!(!head("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n").keep_alive);
    assert!(!head("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n").keep_alive);
    assert!(!head("HTTP/1.1 200 OK\r\n\r\n").keep_alive, "a body until close ends the connection");
    assert_eq!(
        head("HTTP/1.1 503 X\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n").retry_after,
        Some(3)
    );
}

/// Every kind of framing, with its status and body.
const FRAMINGS: [(&[u8], u16, &[u8]); 8] = [
    (CHUNKED, 200, b"hello!"),
    (SIZED, 503, b"sorry"),
    (CLOSED, 200, b"until the end"),
    (b"HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n", 204, b""),
    (b"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", 304, b""),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, b""),
    (
        b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
          HTTP/1.1 200 OK\ncontent-length: 1\n\n!",
        200,
        b"!",
    ),
    (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\ncontent-length: 3\r\n\r\n\
          00A \r\n0123456789\r\n000\r\na: b\r\nc: d\r\n\r\n",
        200,
        b"0123456789",
    ),
];

#[test]
fn every_framing_is_the_same_over_every_split_and_byte_by_byte() {
    for (bytes, status, body) in FRAMINGS {
        let expected = Ok((status, body.to_vec(), true));
        let whole = String::from_utf8_lossy(bytes);
        for cut in 0..=bytes.len() {
            assert_eq!(parse(bytes, &[cut]), expected, "{whole} cut at {cut}");
        }
        let everywhere: Vec<usize> = (0..bytes.len()).collect();
        assert_eq!(parse(bytes, &everywhere), expected, "{whole}");
    }
}

#[test]
fn every_beginning_of_a_framed_response_is_unfinished() {
    for (bytes, ..) in FRAMINGS.into_iter().filter(|(bytes, ..)| *bytes != CLOSED) {
        for end in 0..bytes.len() {
            let (_, _, ended) = parse(&bytes[..end], &[]).expect("parses");
            assert!(!ended, "{} of {}", end, String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn the_answer_to_a_head_request_has_no_body_whatever_its_head_says() {
    for fields in ["content-length: 5\r\n", "transfer-encoding: chunked\r\n", ""] {
        let head = format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n{fields}\r\n");
        let parsed = parse_with(ResponseParser::bodiless(), head.as_bytes(), &[30]);
        assert_eq!(parsed, Ok((200, Vec::new(), true)), "{fields}");
    }
    let surplus = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!";
    assert_eq!(parse_with(ResponseParser::bodiless(), surplus, &[]), Err(ParseError::Surplus));
}
