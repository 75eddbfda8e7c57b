//! Real processes for tests, ended with all of their children when the test ends.

use rustix::process::{Pid, Signal, kill_process_group};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child as Process, Command, Stdio};

/// A shell running a script in a process group of its own.
pub(crate) struct Child(Process);

impl Child {
    pub(crate) fn run(script: &str) -> Self {
        Self::start(script, Stdio::null())
    }

    /// With a listening socket as its standard input.
    pub(crate) fn holding(socket: TcpListener, script: &str) -> Self {
        Self::start(script, Stdio::from(OwnedFd::from(socket)))
    }

    fn start(script: &str, input: Stdio) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(input).stdout(Stdio::null()).process_group(0);
        Self(command.spawn().expect("a shell"))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Ends it and its children. The kernel keeps the first as a zombie until `reap`.
    pub(crate) fn kill(&self) {
        let group = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process id");
        // Already ended is as good.
        let _ = kill_process_group(group, Signal::KILL);
    }

    pub(crate) fn reap(&mut self) {
        self.0.wait().expect("own child");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        let _ = self.0.wait();
    }
}

/// A socket listening on a free port of the loopback address.
pub(crate) fn socket() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}
