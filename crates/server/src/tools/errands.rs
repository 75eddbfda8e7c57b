//! What the tools of one session still do: a scoped service, which ends with the session.

use std::sync::Arc;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use victor_container::{AsyncDispose, Disposal};

/// Tools at work for a session. A tool whose turn was given up runs on until it looks at its time;
/// the session has ended only when it has, too.
#[derive(Debug, Default)]
pub(crate) struct Errands(TaskTracker);

impl Errands {
    /// One tool at work, until this is dropped.
    pub(super) fn begin(&self) -> TaskTrackerToken {
        self.0.token()
    }
}

impl AsyncDispose for Errands {
    fn dispose_async(self: Arc<Self>) -> Disposal {
        Box::pin(async move {
            self.0.close();
            self.0.wait().await;
            Ok(())
        })
    }
}
