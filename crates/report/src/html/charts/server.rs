//! Charts of the server's process, its machine and its container. A line is drawn for what was
//! measured, and a chart that would have none is left out.

use super::{line, over_time};
use crate::html::figures::Figure;
use crate::svg::{Baseline, Chart, Line};
use victor_types::{Bytes, ProcessSample, ServerResources};

/// How a value is taken from a sample.
type Value = fn(&ProcessSample) -> Option<f64>;

/// The charts that have something to show.
pub(super) fn figures(server: &ServerResources, end: f64) -> Vec<Figure> {
    let charts = [cpu(server, end), memory(server, end), held(server, end)];
    let more = [activity(server, end), pressure(server, end), sessions(server, end)];
    charts.into_iter().chain(more).flatten().collect()
}

fn cpu(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("server", |sample| Some(sample.cpu_cores)),
            ("of it in the kernel", |sample| sample.cpu_system),
            ("whole machine", |sample| sample.host?.cpu_cores),
            ("stolen by other machines", |sample| sample.host?.steal_cores),
        ],
    );
    figure("Server CPU", "cores", end, lines, None)
}

fn memory(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("resident", |sample| mib(Some(sample.rss))),
            ("anonymous", |sample| mib(sample.memory?.anonymous)),
            ("proportional (PSS)", |sample| mib(sample.memory?.pss)),
            ("container", |sample| mib(sample.cgroup?.memory)),
            ("heap, as it says", |sample| mib(sample.metrics?.heap)),
        ],
    );
    let mut figure = figure("Server memory", "MiB", end, lines, None)?;
    figure.chart.baseline = Baseline::Near;
    figure.note = (!figure.chart.begins_at_zero()).then_some("The axis does not begin at 0.");
    Some(figure)
}

fn held(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("open files", |sample| sample.fds.map(f64::from)),
            ("threads", |sample| Some(f64::from(sample.threads))),
            ("connections", |sample| sample.sockets?.established.map(f64::from)),
            ("not closed by the server", |sample| sample.sockets?.close_wait.map(f64::from)),
            ("waiting to be accepted", |sample| sample.sockets?.waiting_accept.map(f64::from)),
        ],
    );
    figure("Server files, threads and connections", "", end, lines, None)
}

fn activity(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("voluntary switches", |sample| Some(sample.activity?.voluntary_switches?.0)),
            ("involuntary switches", |sample| Some(sample.activity?.involuntary_switches?.0)),
            ("page faults", |sample| Some(sample.activity?.minor_faults?.0)),
            ("page faults from a device", |sample| Some(sample.activity?.major_faults?.0)),
        ],
    );
    figure("Server context switches and page faults", "/s", end, lines, None)
}

fn pressure(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("waiting for CPU", |sample| percent(sample.host?.cpu_pressure)),
            ("waiting for memory", |sample| percent(sample.host?.memory_pressure)),
            ("waiting for a device", |sample| percent(sample.host?.io_pressure)),
            ("kept off the CPU by its limit", |sample| percent(sample.cgroup?.throttled)),
        ],
    );
    let note = "Share of the time in which some task of the machine had to wait.";
    figure("Pressure", "%", end, lines, Some(note))
}

fn sessions(server: &ServerResources, end: f64) -> Option<Figure> {
    let lines = lines(
        server,
        &[
            ("live sessions", |sample| sample.metrics?.live_sessions),
            ("requests in work", |sample| sample.metrics?.in_flight),
            ("requests waiting", |sample| sample.metrics?.waiting),
        ],
    );
    figure("What the server tells of itself", "", end, lines, None)
}

/// A line for each value that was measured at least once. Values that are read more seldom than
/// others are joined over the samples between.
fn lines(server: &ServerResources, wanted: &[(&str, Value)]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for &(name, value) in wanted {
        let points =
            server.samples.iter().filter_map(|sample| Some((sample.at.0, Some(value(sample)?))));
        let slot = u8::try_from(lines.len()).unwrap_or(0);
        let line = line(name, slot, points);
        if !line.points.is_empty() {
            lines.push(line);
        }
    }
    lines
}

fn figure(
    title: &str,
    unit: &'static str,
    end: f64,
    lines: Vec<Line>,
    note: Option<&'static str>,
) -> Option<Figure> {
    let chart: Chart = over_time(title, unit, end, lines);
    (!chart.lines.is_empty()).then(|| Figure { chart, note, bars: Vec::new() })
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a pixel")]
fn mib(size: Option<Bytes>) -> Option<f64> {
    size.map(|size| size.0 as f64 / f64::from(1 << 20))
}

fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|share| share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn only_what_was_measured_is_drawn() {
        let mut server = golden::report().server.expect("sampled");
        let names = |figure: &Figure| -> Vec<String> {
            figure.chart.lines.iter().map(|line| line.name.clone()).collect()
        };
        let all = figures(&server, 30.0);
        assert_eq!(names(&all[1]), ["resident", "anonymous", "proportional (PSS)"]);
        assert!(all.iter().any(|figure| figure.chart.title == "Pressure"));
        for sample in &mut server.samples {
            *sample = ProcessSample { at: sample.at, rss: sample.rss, ..ProcessSample::default() };
        }
        let few = figures(&server, 30.0);
        assert_eq!(
            few.iter().map(names).collect::<Vec<_>>(),
            [["server"], ["resident"], ["threads"]]
        );
    }
}
