use super::*;

#[test]
fn an_address_keeps_its_path_and_loses_its_last_slash() {
    assert_eq!(host("http://127.0.0.1:8000/"), Ok("http://127.0.0.1:8000".to_owned()));
    assert_eq!(host("HTTPS://api.example.com/v2"), Ok("HTTPS://api.example.com/v2".to_owned()));
    assert_eq!(host("http://[::1]:8000"), Ok("http://[::1]:8000".to_owned()));
    for wrong in ["http://", "http://h:99999", "http://a b", "ftp://h", "", "http://u:p@h"] {
        assert!(host(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn weights_default_to_one_and_may_be_zero() {
    let read = classes("A B=3  C=0").expect("reads");
    let pairs: Vec<_> = read.iter().map(|class| (class.name.as_str(), class.weight)).collect();
    assert_eq!(pairs, [("A", 1), ("B", 3), ("C", 0)]);
}

#[test]
fn a_wait_is_written_like_the_function_of_locust() {
    let (low, high) = (Duration::from_secs(1), Duration::from_secs(3));
    assert_eq!(wait("none"), Ok(Wait::NONE));
    assert_eq!(wait("constant:1"), Ok(Wait::constant(low)));
    assert_eq!(wait("between:1, 3").map(|wait| wait.mean()), Ok(2.0));
    assert_eq!(wait("constant_pacing:3"), Ok(Wait::pacing(high)));
    assert_eq!(wait("constant_throughput:0.5").map(|wait| wait.mean()), Ok(2.0));
    assert_eq!(wait("poisson:0.25").map(|wait| wait.mean()), Ok(4.0));
    for wrong in ["", "2", "between:3,1", "between:1", "constant:-1", "poisson:0", "none:1"] {
        assert!(wait(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn numbers_stay_in_their_range() {
    assert_eq!(whole::<u8>("255", 0, 255), Ok(255));
    for wrong in ["", "-1", "1.5", "256", "99999999999999999999"] {
        assert!(whole::<u8>(wrong, 0, 255).is_err(), "{wrong}");
    }
    assert_eq!(number("1e3", 0.0, 1e6), Ok(1000.0));
    for wrong in ["", "-0.1", "NaN", "inf", "1e7"] {
        assert!(number(wrong, 0.0, 1e6).is_err(), "{wrong}");
    }
    assert_eq!((limit("false"), limit("250")), (Ok(None), Ok(Some(250.0))));
    for wrong in ["nan", "inf", "0", "-5", "true"] {
        assert!(limit(wrong).is_err(), "{wrong}");
    }
    assert!(share("5").is_err());
}

#[test]
fn spans_and_short_times_are_read() {
    let ms = Duration::from_millis;
    assert_eq!(short_time("1500ms"), Ok(ms(1500)));
    assert_eq!(span("100ms..2s"), Ok((ms(100), ms(2000))));
    assert_eq!(span("1s"), Ok((ms(1000), ms(1000))));
    assert_eq!(limit_for("500ms:10s"), Ok((ms(500), ms(10_000))));
    for wrong in ["", "0", "0ms", "-1ms", "1.5s", "5x"] {
        assert!(short_time(wrong).is_err() && span(wrong).is_err(), "{wrong}");
    }
    assert!(span("2s..1s").is_err() && limit_for("10s").is_err());
}

#[test]
fn classes_may_be_counted() {
    let read = classes("A:5 B=2").expect("reads");
    assert_eq!((read[0].fixed, read[1].fixed, read[1].weight), (Some(5), None, 2));
    assert!(classes("A:0").is_err() && classes("A:x").is_err());
}
