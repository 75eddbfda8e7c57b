//! How the command behaves.

use super::family::switch;
use crate::LogLevel;
use crate::read;
use crate::setting::{Fallback, Flag, Key, Kind, Section};
use std::path::PathBuf;

use Fallback::{Nothing, Value};

pub(crate) static HEADLESS: Key<bool> =
    switch("headless", Section::Command, "Without the web page: start now, on the console")
        .env(&["LOCUST_HEADLESS"]);

pub(crate) static YES: Key<bool> =
    switch("yes", Section::Command, "Load hosts beyond this machine and private networks unasked");

pub(crate) static EXIT_CODE_ON_ERROR: Key<u8> =
    Key::new("exit-code-on-error", Kind::Whole, Section::Command, |text| read::whole(text, 0, 255))
        .env(&["LOCUST_EXIT_CODE_ON_ERROR"])
        .fallback(Value("1"))
        .help("CODE", "Exit code when requests failed");

pub(crate) static LOGLEVEL: Key<LogLevel> =
    Key::new("loglevel", Kind::Text, Section::Command, read::level)
        .flag(Flag::Short('L'))
        .env(&["LOCUST_LOGLEVEL"])
        .fallback(Value("INFO"))
        .help("LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL");

pub(crate) static LOGFILE: Key<PathBuf> =
    Key::new("logfile", Kind::Text, Section::Command, read::path)
        .env(&["LOCUST_LOGFILE"])
        .fallback(Nothing("standard error"))
        .help("FILE", "Where the log goes");

pub(crate) static CONFIG: Key<PathBuf> =
    Key::new("config", Kind::Text, Section::Command, read::path)
        .table(None)
        .fallback(Nothing("./victor.toml if there is one"))
        .help("FILE", "Configuration file");

pub(crate) static SHOW_CONFIG: Key<bool> = switch(
    "show-config",
    Section::Command,
    "Print every setting with its value and where it came from, and end",
)
.table(None);

pub(crate) static LIST: Key<bool> =
    switch("list", Section::Command, "Print the user classes, and end")
        .flag(Flag::Short('l'))
        .table(None);
