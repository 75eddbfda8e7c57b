//! How the command behaves.

use super::family::switch;
use crate::LogLevel;
use crate::read;
use crate::setting::{Fallback, Flag, Key, Kind, Section};
use std::path::PathBuf;

use Fallback::{Nothing, Value};

pub(crate) static HEADLESS: Key<bool> =
    switch("headless", Section::Command, "Without the web page: start now, on the console")
        .env(&["LOCUST_HEADLESS"])
        .locust();

pub(crate) static YES: Key<bool> =
    switch("yes", Section::Command, "Load hosts beyond this machine and private networks unasked");

pub(crate) static EXIT_CODE_ON_ERROR: Key<u8> =
    Key::new("exit-code-on-error", Kind::Whole, Section::Command, |text| read::whole(text, 0, 255))
        .env(&["LOCUST_EXIT_CODE_ON_ERROR"])
        .fallback(Value("1"))
        .help("CODE", "Exit code when requests failed")
        .locust();

pub(crate) static LOGLEVEL: Key<LogLevel> =
    Key::new("loglevel", Kind::Text, Section::Command, read::level)
        .flag(Flag::Short('L'))
        .env(&["LOCUST_LOGLEVEL"])
        .fallback(Value("INFO"))
        .help("LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL")
        .locust();

pub(crate) static LOGFILE: Key<PathBuf> =
    Key::new("logfile", Kind::Text, Section::Command, read::path)
        .env(&["LOCUST_LOGFILE"])
        .fallback(Nothing("standard error"))
        .help("FILE", "Where the log goes")
        .locust();

pub(crate) static CONFIG: Key<PathBuf> =
    Key::new("config", Kind::Text, Section::Command, read::path)
        .table(None)
        .fallback(Nothing("./victor.toml if there is one"))
        .help("FILE", "Configuration file; one that ends in .conf is Locust's");

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

pub(crate) static SINGLE: Key<String> =
    Key::new("single", Kind::Text, Section::Command, read::text)
        .table(None)
        .fallback(Nothing("a load"))
        .help(
            "CLASS",
            "Run one user of this class without its waits, and print each request, answer and \
             judgement; exit code 1 when a turn went wrong",
        );

pub(crate) static TURNS: Key<u64> =
    Key::new("turns", Kind::Whole, Section::Command, |text| read::whole(text, 1, 1_000_000))
        .flag(Flag::Short('n'))
        .table(None)
        .fallback(Value("1"))
        .help("N", "Turns of --single");
