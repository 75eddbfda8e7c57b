//! The page as a whole.

use super::render;
use crate::{golden, json};
use victor_types::{RunReport, Validity, Warning};

/// The JSON in the page, as a machine would take it.
fn embedded(page: &str) -> RunReport {
    let start = "<script type=\"application/json\" id=\"report\">";
    let (_, rest) = page.split_once(start).expect("the element");
    let (text, _) = rest.split_once("</script>").expect("its end");
    json::read(text).expect("a run report")
}

#[test]
fn sections_come_in_the_order_of_questions() {
    let page = render(&golden::report());
    let wanted = [
        "id=\"verdict\"",
        "id=\"verdicts\"",
        "id=\"doubts\"",
        "id=\"findings\"",
        "id=\"requests\"",
        "id=\"percentiles\"",
        "id=\"phases\"",
        "id=\"charts\"",
        "id=\"failures\"",
        "id=\"generator\"",
        "id=\"run\"",
        "id=\"report\"",
    ];
    let places: Vec<usize> =
        wanted.iter().map(|id| page.find(id).unwrap_or_else(|| panic!("{id}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(page.matches("<svg viewBox=\"0 0 560").count(), 10);
    assert_eq!(page.matches("role=\"img\" aria-label=\"").count(), 10);
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    let mut report = golden::report();
    report.run.host = "nowhere".into();
    // An address in the data is text; what would be fetched is looked for below.
    report.server.as_mut().expect("sampled").metrics = None;
    let page = render(&report);
    assert!(!page.contains("http://") && !page.contains("https://"));
    for loads in ["src=", "@import", "url(", "srcset", "<iframe", "<object", "<form"] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert_eq!(page.matches("href=").count(), page.matches("href=\"data:,\"").count());
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains(" style=\"") && !page.contains(" onclick"));
}

#[test]
fn the_report_in_the_page_reads_back() {
    let report = golden::report();
    assert_eq!(embedded(&render(&report)), report);
}

#[test]
fn a_servers_text_is_inert() {
    let attack = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\u{2028}'\"&";
    let mut report = golden::report();
    report.run.host = attack.into();
    report.run.classes[0].0 = attack.into();
    report.total.key.name = attack.into();
    report.rows[0].key.name = attack.into();
    report.findings[0].evidence = attack.into();
    report.verdicts[0].reason = Some(attack.into());
    report.server.as_mut().expect("sampled").command = attack.into();
    report.validity = Validity::new(vec![Warning::ServerNotSampled { reason: attack.into() }]);
    for failure in &mut report.failures {
        failure.key.name = attack.into();
        for exemplar in &mut failure.exemplars {
            exemplar.excerpt = attack.into();
            exemplar.expected = Some(attack.into());
            exemplar.request_id = attack.into();
            exemplar.session_id = Some(attack.into());
            if let Some(other) = &mut exemplar.other {
                other.marker = attack.into();
                other.session_id = attack.into();
            }
        }
    }
    let page = render(&report);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert!(!page.contains("<img") && !page.contains("\u{2028}\\"));
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert_eq!(embedded(&page), report);
}

#[test]
fn an_empty_run_is_a_page_too() {
    let mut report = golden::report();
    report.rows.clear();
    report.failures.clear();
    report.history.clear();
    report.verdicts.clear();
    report.findings.clear();
    report.server = None;
    report.validity = Validity::new(vec![Warning::NoSuccess]);
    report.total.latency = victor_types::Distribution::default();
    report.total.failed_latency = victor_types::Histogram::default();
    let page = render(&report);
    assert!(page.contains("no turn succeeded") && page.contains("not sampled"));
    assert!(!page.contains("NaN"));
    assert_eq!(embedded(&page), report);
}
