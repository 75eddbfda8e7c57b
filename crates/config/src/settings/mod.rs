//! The one table of settings of `victor load`. The command line, the resolution of values,
//! `--show-config` and the reference page are all made from it; nothing about a setting is said
//! anywhere else.

mod burst;
mod command;
mod family;
mod habits;
mod limits;
mod load;
mod results;
mod shape;
mod target;
mod targets;

use crate::setting::Setting;
use crate::transport;

pub(crate) use burst::*;
pub(crate) use command::*;
pub(crate) use habits::*;
pub(crate) use limits::*;
pub(crate) use load::*;
pub(crate) use results::*;
pub(crate) use shape::*;
pub(crate) use target::*;
pub(crate) use targets::*;

/// Every setting, in the order of the help and of `--show-config`.
pub(crate) static LOAD: &[&Setting] = &[
    &HOST.setting,
    &API.setting,
    &PROVIDER.setting,
    &MODEL.setting,
    &API_KEY.setting,
    &STREAM.setting,
    &TARGET_PID.setting,
    &OBSERVE.setting,
    &TARGET_METRICS.setting,
    &WAIT_FOR_TARGET.setting,
    &USER_CLASSES.setting,
    &USERS.setting,
    &SPAWN_RATE.setting,
    &WAIT.setting,
    &ARRIVAL_RATE.setting,
    &ARRIVALS.setting,
    &TIME_SCALE.setting,
    &ARRIVAL_STAGES.setting,
    &MAX_USERS.setting,
    &STAGES.setting,
    &SHAPE.setting,
    &ENDPOINT.setting,
    &PAYLOAD.setting,
    &METHOD.setting,
    &CONCURRENCY.setting,
    &RUN_TIME.setting,
    &WARM_UP.setting,
    &STOP_TIMEOUT.setting,
    &SEED.setting,
    &SHARDS.setting,
    &RETRIES.setting,
    &RETRY_BACKOFF.setting,
    &PATIENCE.setting,
    &REQUESTS.setting,
    &MAX_FAILURES.setting,
    &MAX_ERROR_RATE.setting,
    &STOP_ON_P95.setting,
    &STOP_ON_SATURATION.setting,
    &MAX_TOKENS.setting,
    &transport::TLS_CA.setting,
    &transport::TLS_CERT.setting,
    &transport::TLS_KEY.setting,
    &transport::INSECURE.setting,
    &transport::TRANSPORT.setting,
    &transport::HTTP_VERSION.setting,
    &transport::CONNECTION_REUSE.setting,
    &transport::PROXY.setting,
    &transport::PROXY_USER.setting,
    &transport::FOLLOW_REDIRECTS.setting,
    &transport::COOKIES.setting,
    &transport::COMPRESSION.setting,
    &transport::SOURCE_ADDRESS.setting,
    &CONNECT_TIMEOUT.setting,
    &FIRST_BYTE_TIMEOUT.setting,
    &STALL_TIMEOUT.setting,
    &TOTAL_TIMEOUT.setting,
    &SLO.setting,
    &P50.setting,
    &P95.setting,
    &P99.setting,
    &THROUGHPUT.setting,
    &ERROR_RATE.setting,
    &CPU.setting,
    &MEMORY.setting,
    &HTML.setting,
    &CSV.setting,
    &JSON.setting,
    &JSON_FILE.setting,
    &REPORT_JSON.setting,
    &TRACE.setting,
    &ONLY_SUMMARY.setting,
    &HEADLESS.setting,
    &YES.setting,
    &EXIT_CODE_ON_ERROR.setting,
    &LOGLEVEL.setting,
    &LOGFILE.setting,
    &CONFIG.setting,
    &SHOW_CONFIG.setting,
    &LIST.setting,
    &SINGLE.setting,
    &TURNS.setting,
];
