//! Arrivals as they were recorded somewhere.

use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The instants of recorded arrivals, counted from the first, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalTrace {
    at: Arc<[Duration]>,
}

/// Text that is no record of arrivals; the message names the line and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A line without an instant.
    #[error(
        "line {line} has no instant: give a number of seconds, a CSV column or a JSON field named \
         at_s, at_ms, at_ns, planned_ns or timestamp"
    )]
    Line {
        /// Line, from 1.
        line: usize,
    },
    /// No arrivals.
    #[error("it has no arrivals: give at least one")]
    Empty,
}

/// Names of a field or column with its unit in seconds; `timestamp` means what it means in the
/// traces that are published: milliseconds in JSON lines, seconds in CSV.
const FIELDS: [(&str, f64, f64); 6] = [
    ("at_s", 1.0, 1.0),
    ("at_ms", 1e-3, 1e-3),
    ("at_ns", 1e-9, 1e-9),
    ("planned_ns", 1e-9, 1e-9),
    ("timestamp", 1e-3, 1.0),
    ("time", 1.0, 1.0),
];

impl ArrivalTrace {
    /// Reads one arrival a line: a number of seconds, a JSON object (`timestamp` in milliseconds, as
    /// in Mooncake's traces; Victor's own `planned_ns`), or CSV with a head line (`timestamp` in
    /// seconds as in `BurstGPT`, or as date and time as in Azure's). Gaps are multiplied by
    /// `time_scale`: 0.5 plays the record at double speed.
    ///
    /// # Errors
    /// [`TraceError`], with the line.
    pub fn parse(text: &str, time_scale: f64) -> Result<Self, TraceError> {
        let mut column = Column::Bare;
        let mut seconds = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if seconds.is_empty()
                && let Some(found) = Column::of_head(line)
            {
                column = found;
                continue;
            }
            seconds.push(column.read(line.trim()).ok_or(TraceError::Line { line: at + 1 })?);
        }
        seconds.sort_by(f64::total_cmp);
        let first = *seconds.first().ok_or(TraceError::Empty)?;
        let offset = |at: &f64| Duration::try_from_secs_f64((at - first) * time_scale);
        let at = seconds.iter().map(|at| offset(at).unwrap_or(Duration::MAX)).collect();
        Ok(Self { at })
    }

    /// How many arrivals there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.at.len()
    }

    /// From the first arrival to the last.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.at.last().copied().unwrap_or_default()
    }

    pub(crate) fn at(&self, number: u64) -> Option<Duration> {
        self.at.get(usize::try_from(number).ok()?).copied()
    }

    pub(crate) fn count_before(&self, end: Duration) -> u64 {
        self.at.partition_point(|at| *at < end) as u64
    }
}

/// Where in a line its instant stands.
enum Column {
    /// The line is the instant, or a JSON object.
    Bare,
    /// In this column of CSV, in this unit.
    Csv { column: usize, unit: f64 },
}

impl Column {
    fn of_head(line: &str) -> Option<Self> {
        let name = |cell: &str| cell.trim().trim_matches('"').to_lowercase();
        let unit = |cell: &str| FIELDS.iter().find(|field| field.0 == name(cell)).map(|f| f.2);
        let found = line.split(',').enumerate().find_map(|(at, cell)| Some((at, unit(cell)?)));
        found.map(|(column, unit)| Self::Csv { column, unit })
    }

    fn read(&self, line: &str) -> Option<f64> {
        let seconds = match self {
            Self::Bare if line.starts_with('{') => of_json(line)?,
            Self::Bare => line.parse().ok()?,
            Self::Csv { column, unit } => {
                let cell = line.split(',').nth(*column)?.trim().trim_matches('"');
                match cell.parse::<f64>() {
                    Ok(number) => number * unit,
                    Err(_) => of_date(cell)?,
                }
            }
        };
        seconds.is_finite().then_some(seconds)
    }
}

fn of_json(line: &str) -> Option<f64> {
    let object: Value = serde_json::from_str(line).ok()?;
    FIELDS.iter().find_map(|(name, unit, _)| match object.get(name)? {
        Value::Number(number) => Some(number.as_f64()? * unit),
        Value::String(text) => of_date(text),
        _ => None,
    })
}

/// A date and time, in UTC unless it says otherwise; seconds of the epoch.
fn of_date(text: &str) -> Option<f64> {
    let local = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse().ok()?).ok();
    let stamp = text.parse::<jiff::Timestamp>().ok().or_else(local)?;
    Some(stamp.as_duration().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn millis(text: &str) -> Vec<u128> {
        let trace = ArrivalTrace::parse(text, 1.0).expect(text);
        trace.at.iter().map(Duration::as_millis).collect()
    }

    #[test]
    fn published_traces_are_read_as_they_are() {
        let mooncake = "{\"timestamp\": 27482, \"input_length\": 6955}\n{\"timestamp\": 30535}\n";
        assert_eq!(millis(mooncake), [0, 3053]);
        let burst_gpt = "Timestamp,Model,Request tokens\n5,ChatGPT,472\n45.5,ChatGPT,1087\n";
        assert_eq!(millis(burst_gpt), [0, 40_500]);
        let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n\
                     2023-11-16 18:15:50.9951690,396,109\n";
        assert_eq!(millis(azure), [0, 4314]);
        let own = "{\"planned_ns\": 1000000000}\n\n{\"planned_ns\": 1250000000}";
        assert_eq!(millis(own), [0, 250]);
        assert_eq!(millis("3\n1\n2.5\n"), [0, 1500, 2000], "in order");
    }

    #[test]
    fn time_can_be_stretched() {
        let trace = ArrivalTrace::parse("10\n20\n", 0.5).expect("trace");
        assert_eq!((trace.length(), trace.count()), (Duration::from_secs(5), 2));
        assert_eq!(trace.count_before(Duration::from_secs(5)), 1);
    }

    #[test]
    fn a_line_that_says_nothing_is_named() {
        assert_eq!(ArrivalTrace::parse("1\nx\n", 1.0), Err(TraceError::Line { line: 2 }));
        assert_eq!(ArrivalTrace::parse("{}\n", 1.0), Err(TraceError::Line { line: 1 }));
        assert_eq!(ArrivalTrace::parse("at_s\n\n", 1.0), Err(TraceError::Empty));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(?s).{0,60}", scale in 0.001_f64..1000.0) {
            let _ = ArrivalTrace::parse(&text, scale);
        }
    }
}
