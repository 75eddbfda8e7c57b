use super::command;
use super::input::Source;
use std::path::Path;

fn source(text: &str) -> Source {
    Source::of(Path::new("x"), text.as_bytes().to_vec()).expect("text")
}

fn refused(command_line: &[&str], text: &str) -> String {
    let mut words = vec!["stats"];
    words.extend(command_line);
    words.push("x");
    let matches = command().try_get_matches_from(words).expect("a command line");
    let (name, matches) = matches.subcommand().expect("a subcommand");
    let source = source(text);
    let done = match name {
        "leak" => super::leak::run(&source, matches),
        "regression" => super::regression::run(&source, matches),
        "usl" => super::usl::run(&source, matches),
        "changes" => super::series::changes(&source, matches),
        _ => super::series::percentiles(&source, matches),
    };
    let failure = done.expect_err("refused");
    assert_eq!(failure.code.code(), 2);
    failure.text
}

#[test]
fn errors_name_file_line_and_column() {
    let cases: [(&[&str], &str, &str); 9] = [
        (&["leak"], "{\"req\": [1]}\n{oops}", "x: line 2, column 2: key must be a string"),
        (&["leak"], "{\"rss_kib\": [1]}", "x: line 1, column 16: missing field `req`"),
        (
            &["leak"],
            "{\"req\": [1], \"dt_s\": 1}",
            "x: line 1: memory is missing: give `rss_kib` or `rss_bytes`",
        ),
        (&["leak"], "time,req\n1,2", "x: line 1: memory is missing: give `rss_kib` or `rss_bytes`"),
        (
            &["leak"],
            "time,req,rss_kib\n1,2,3\n2,x,3",
            "x: line 3, column 2 (`req`): `x` is not a number",
        ),
        (
            &["leak"],
            "a,b\n1,2",
            "x: line 1: no column `t_s` or `time_s` or `time`; there are `a`, `b`",
        ),
        (
            &["usl"],
            "n,x\n1,2\n2,-3",
            "x: line 1: level 2 (from 1) has concurrency 2 and throughput -3",
        ),
        (&["regression"], "{\"a\": [[1]], \"b\": []}", "x: line 1: `a` has 1 blocks"),
        (&["percentile"], "[1, -2]", "x: line 1: value 2 is -2: latencies are 0 or more"),
    ];
    for (command_line, text, expected) in cases {
        let refused = refused(command_line, text);
        assert!(refused.starts_with(expected), "{refused}\nis not\n{expected}");
    }
}

#[test]
fn gzipped_files_are_read_and_empty_ones_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.gz");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gz, b"value\n1\n2\n").expect("memory");
    std::fs::write(&path, gz.finish().expect("memory")).expect("written");
    let read = Source::read(&path).expect("read");
    assert_eq!(read.table().expect("a table").find(&["value"]), Some([1.0, 2.0].as_slice()));
    assert!(Source::of(Path::new("x"), b" \n".to_vec()).is_err());
    assert!(Source::read(Path::new("does/not/exist")).is_err());
}
