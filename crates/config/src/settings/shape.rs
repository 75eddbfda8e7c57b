//! How the load changes over time, and which part of it is judged.

use crate::read;
use crate::setting::{Fallback, Key, Kind, Section};
use std::time::Duration;
use victor_plan::{Shape, Stage};

use Fallback::{Nothing, Value};

pub(crate) static STAGES: Key<Vec<Stage>> =
    Key::new("stages", Kind::Text, Section::Load, read::stages)
        .fallback(Nothing("--users and --spawn-rate"))
        .help(
            "STAGES",
            "Users over time, LENGTH:USERS with commas between: each number is reached evenly within \
             its length, or at LENGTH:USERS@RATE a second and then held; 0:USERS is a jump. The run \
             ends with the last stage, and the newest users leave first. In victor.toml also as \
             [[stage]] tables",
        );

pub(crate) static ARRIVAL_STAGES: Key<Vec<Stage>> =
    Key::new("arrival-stages", Kind::Text, Section::Load, read::stages)
        .fallback(Nothing("--arrival-rate"))
        .help("STAGES", "Open load whose rate changes: as --stages, with turns a second for users");

pub(crate) static SHAPE: Key<Shape> =
    Key::new("shape", Kind::Text, Section::Load, read::shape).fallback(Nothing("none")).help(
        "SHAPE",
        "Lead --users (or --arrival-rate) over --run-time (10m unless given): step[:STEPS], \
         spike[:TIMES], double-wave or soak",
    );

pub(crate) static TIME_SCALE: Key<f64> =
    Key::new("time-scale", Kind::Number, Section::Load, |text| read::number(text, 0.001, 1000.0))
        .fallback(Value("1"))
        .help("FACTOR", "Stretch the gaps of recorded arrivals; 0.5 plays them at double speed");

pub(crate) static WARM_UP: Key<Duration> =
    Key::new("warm-up", Kind::Time, Section::Load, read::time)
        .fallback(Nothing("the ramp is not judged"))
        .help(
            "TIME",
            "Leave the first stretch of the run out of tables and verdicts, written as --run-time. \
             Without it the tables hold all of the run, and verdicts leave out the ramp in which \
             users are started; 0 judges all of it",
        );
