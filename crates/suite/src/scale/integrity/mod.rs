//! Whether answers can be trusted: whose they are, what they remember, and whether they are what
//! they seem.

mod abandonment;
mod head_of_line;
pub(super) mod isolation;
mod masked;
mod recall;
mod streaming;

pub(super) use abandonment::ABANDONMENT;
pub(super) use head_of_line::HEAD_OF_LINE;
pub(super) use isolation::SESSIONS as ISOLATION;
pub(super) use masked::MASKED;
pub(super) use recall::RECALL;
pub(super) use streaming::STREAMING;

const GROUP: &str = "TestIntegrity";
