//! Running tools beside the event loop, several at once, within their limits.

use super::errands::Errands;
use super::outcome::{ToolError, ToolReport, status};
use super::tool::{Job, Tool};
use super::workspace::Workspace;
use super::{git, run_command};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::task::task_tracker::TaskTrackerToken;
use victor_clock::now;
use victor_container::{BoxError, Dispose};
use victor_model::ToolCall;

/// Most tools that run at once; others wait. Each holds a thread.
const AT_ONCE: usize = 32;

/// The tools and the workspace they run in.
#[derive(Debug)]
pub(crate) struct Toolbox {
    workspace: Arc<Workspace>,
    time: Duration,
    permits: Arc<Semaphore>,
    /// Names of the programs that `run_command` may run.
    allowed: Vec<String>,
}

impl Toolbox {
    /// Tools that see `workspace` and may each run for `time`; of programs those of `allowed`.
    pub(crate) fn new(workspace: Arc<Workspace>, time: Duration, allowed: Vec<String>) -> Self {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        Self { workspace, time, permits, allowed }
    }

    /// Runs one call to its end, as an errand of a session if there is one. The result is also
    /// counted by `count(tool, status)`.
    pub(crate) async fn run(
        &self,
        call: ToolCall,
        errands: Option<&Errands>,
        count: impl Fn(&'static str, &'static str),
    ) -> ToolReport {
        let start = now();
        let outcome = match Tool::named(&call.name) {
            Some(tool) => {
                let outcome = self.outcome(tool, call.arguments.clone(), errands).await;
                count(tool.name(), status(&outcome));
                outcome
            }
            None => Err(ToolError::Failed(format!("there is no tool `{}`", call.name))),
        };
        ToolReport::new(call, outcome, now() - start)
    }

    /// Whether tools may begin.
    #[cfg(test)]
    pub(crate) fn is_open(&self) -> bool {
        !self.permits.is_closed()
    }

    /// The bare outcome of `tool`.
    async fn outcome(
        &self,
        tool: Tool,
        arguments: Value,
        errands: Option<&Errands>,
    ) -> Result<Value, ToolError> {
        let broken = |_| ToolError::Failed("the tool broke off".to_owned());
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| ToolError::Failed("the server is stopping".to_owned()))?;
        let workspace = Arc::clone(&self.workspace);
        let deadline = now() + self.time;
        if tool.is_program() {
            let job = Job::new(&workspace, &arguments, deadline);
            return match tool {
                Tool::RunCommand => run_command::run(&job, &self.allowed).await,
                _ => git::run(tool, &job, Arc::clone(&workspace)).await,
            };
        }
        let errand: Option<TaskTrackerToken> = errands.map(Errands::begin);
        let work = tokio::task::spawn_blocking(move || {
            let _held = (permit, errand);
            tool.run(&Job::new(&workspace, &arguments, deadline))
        });
        // The tool asks for the time itself; this is for one stuck in the file system.
        match tokio::time::timeout(self.time + Duration::from_secs(1), work).await {
            Ok(done) => done.map_err(broken)?,
            Err(_) => Err(ToolError::Failed("the tool ran out of time".to_owned())),
        }
    }
}

impl Dispose for Toolbox {
    /// No tool begins any more.
    fn dispose(&self) -> Result<(), BoxError> {
        self.permits.close();
        Ok(())
    }
}
