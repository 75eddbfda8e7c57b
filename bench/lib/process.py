"""Starting, pinning and weighing processes."""

import os
import resource
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# The target has the first core for itself and the generator the second, so that neither eats the other.
TARGET_CORES = "0"
GENERATOR_CORES = "1"


class BenchError(Exception):
    """A benchmark that could not be made; its text names the cause."""


@dataclass
class Ended:
    """A process that is over: output, CPU time of it and its children in seconds, peak memory in bytes."""

    code: int
    out: str
    err: str
    cpu: float
    user: float
    wall: float
    peak_rss: int


def run(command, cores=GENERATOR_CORES, env=None, timeout=900, ok=(0,)):
    """Runs a command on the given cores and weighs it with what it started."""
    began = time.monotonic()
    child = subprocess.Popen(
        ["taskset", "-c", cores, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        out, err = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        child.kill()
        child.communicate()
        raise BenchError(f"{command[0]} did not end within {timeout} s") from error
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user = after.ru_utime - before.ru_utime
    cpu = user + after.ru_stime - before.ru_stime
    if ok and child.returncode not in ok:
        raise BenchError(f"{' '.join(map(str, command))}: exit code {child.returncode}: {err[-600:]}")
    # The peak of all children so far; only of use to a caller that starts the heaviest first or reads
    # /proc itself, so it is not compared between peers.
    return Ended(
        child.returncode, out, err, cpu, user, time.monotonic() - began, after.ru_maxrss * 1024
    )


class Service:
    """A process that runs beside the measurement: `with Service([...], port): ...`."""

    def __init__(self, command, port, cores=TARGET_CORES, env=None, cwd=None):
        self.command = ["taskset", "-c", cores, *map(str, command)]
        self.port, self.env, self.cwd = port, env, cwd
        self.child = None

    def __enter__(self):
        if listens(self.port):
            raise BenchError(f"port {self.port} is taken: stop what listens there")
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **(self.env or {})},
            cwd=self.cwd,
        )
        for _ in range(200):
            if listens(self.port):
                return self
            if self.child.poll() is not None:
                said = self.child.stderr.read().decode(errors="replace")
                raise BenchError(f"{' '.join(self.command)}: ended at once: {said[-600:]}")
            time.sleep(0.05)
        raise BenchError(f"{' '.join(self.command)}: does not listen on port {self.port}")

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def cpu(self):
        """CPU seconds used so far by the process and its threads."""
        return cpu_of(self.child.pid)


def cpu_of(pid):
    """CPU seconds of a process, its ended children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid, key="VmRSS"):
    """A memory figure of /proc/PID/status in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise BenchError(f"/proc/{pid}/status has no {key}")


def listens(port):
    """Whether something accepts connections on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
