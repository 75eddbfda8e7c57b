//! What is written.

use super::family::{file, switch};
use crate::setting::{Key, Section};
use std::path::PathBuf;

pub(crate) static HTML: Key<PathBuf> = file("html", &["LOCUST_HTML"]).help(
    "FILE",
    "HTML report; `{u}`, `{r}` and `{t}` in the name become users, spawn rate and run time in seconds",
)
        .locust();

pub(crate) static CSV: Key<PathBuf> = file("csv", &["LOCUST_CSV"])
    .help("PREFIX", "CSV files with names that begin with this")
    .locust();

pub(crate) static JSON: Key<bool> = switch(
    "json",
    Section::Results,
    "Statistics as Locust's JSON array on standard output, at the end",
)
.locust();

pub(crate) static JSON_FILE: Key<PathBuf> = file("json-file", &[])
    .help("NAME", "The same array in NAME.json; the ending is always added")
    .locust();

pub(crate) static REPORT_JSON: Key<PathBuf> =
    file("report-json", &[]).help("FILE", "The whole run report as versioned JSON");

pub(crate) static TRACE: Key<PathBuf> =
    file("trace", &[]).help("FILE", "Every single turn as JSON lines");

pub(crate) static ONLY_SUMMARY: Key<bool> =
    switch("only-summary", Section::Results, "No statistics on the console until the end")
        .env(&["LOCUST_ONLY_SUMMARY"])
        .locust();
