"""The generators that are compared, each told to do the same work.

The work: POST one small chat message over kept-alive connections as fast as answers come, for a time.
A peer gives the number of requests that were answered; its CPU time is weighed from outside.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable

from . import process
from .process import BenchError

HERE = Path(__file__).resolve().parent.parent
TOOLS = HERE / ".tools"
PATH = "/api/v1/chat"
# 98 bytes, as the figures of others that ours are read beside.
BODY = json.dumps(
    {"message": "message 00001: " + "a few words that ask for an answer, the same in every request."},
    separators=(",", ":"),
)


@dataclass
class Work:
    """A target and how it is loaded."""

    port: int
    connections: int
    seconds: int
    body: str = BODY

    @property
    def url(self):
        """Where the requests go."""
        return f"http://127.0.0.1:{self.port}{PATH}"


@dataclass
class Peer:
    """A generator: how it is found, started and read."""

    name: str
    program: Callable[[], str | None]
    measure: Callable[["Peer", Work], tuple[int, process.Ended]]

    def available(self):
        """Whether it is installed."""
        return self.program() is not None


def tool(name):
    """A program that `bench/install.sh` put beside us, else one of the system's."""
    for place in (TOOLS / "bin" / name, TOOLS / "venv" / "bin" / name):
        if place.exists():
            return str(place)
    return shutil.which(name)


def number(pattern, text, who):
    """The first whole number that a pattern finds."""
    found = re.search(pattern, text)
    if not found:
        raise BenchError(f"{who} did not say how many requests it made: {text[-400:]}")
    return int(found.group(1).replace(",", "").replace(" ", ""))


def wrk(peer, work):
    """wrk, one thread, body set once by a script."""
    command = [peer.program(), "-t1", f"-c{work.connections}", f"-d{work.seconds}s"]
    done = process.run([*command, "-s", HERE / "peers/wrk.lua", work.url], env={"BODY": work.body})
    refuse_errors(peer, re.search(r"(Non-2xx|Socket errors).*", done.out))
    return number(r"(\d+) requests in", done.out, peer.name), done


def oha(peer, work):
    """oha, without its display."""
    command = [peer.program(), "--no-tui", "--output-format", "json", "-c", work.connections]
    command += ["-z", f"{work.seconds}s", "-m", "POST", "-T", "application/json", "-d", work.body, work.url]
    done = process.run(command)
    answered = json.loads(done.out)["statusCodeDistribution"]
    refuse_errors(peer, [code for code in answered if code != "200"])
    return answered["200"], done


def hey(peer, work):
    """hey, on one core."""
    command = [peer.program(), "-z", f"{work.seconds}s", "-c", work.connections, "-cpus", "1"]
    command += ["-m", "POST", "-T", "application/json", "-d", work.body, work.url]
    done = process.run(command)
    # hey keeps the latencies of the first million requests and counts by status from those.
    return number(r"\[200\]\s+(\d+) responses", done.out, peer.name), done


def k6(peer, work):
    """k6, with a check of the status and no output but its summary."""
    with TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        command = [peer.program(), "run", "--quiet", "--no-usage-report", "--summary-export", summary]
        command += ["--vus", work.connections, "--duration", f"{work.seconds}s"]
        command += ["-e", f"URL={work.url}", "-e", f"BODY={work.body}", HERE / "peers/k6.js"]
        done = process.run(command)
        metrics = json.loads(summary.read_text())["metrics"]
    refuse_errors(peer, metrics["checks"]["fails"])
    return metrics["http_reqs"]["count"], done


def locust(kind):
    """Locust with one of its two clients."""

    def measure(peer, work):
        command = [peer.program(), "-f", HERE / "peers/locustfile.py", "--headless", "--only-summary"]
        command += ["-u", work.connections, "-r", work.connections, "-t", f"{work.seconds}s", kind]
        command += ["-H", f"http://127.0.0.1:{work.port}", "--json", "--loglevel", "ERROR"]
        done = process.run(command, env={"BODY": work.body})
        rows = json.loads(done.out)
        refuse_errors(peer, sum(row["num_failures"] for row in rows))
        return sum(row["num_requests"] for row in rows), done

    return measure


def k9(peer, work):
    """k9-load, by a plan with a check."""
    with TemporaryDirectory() as folder:
        plan = (HERE / "peers/k9.yaml").read_text()
        for key, value in [("URL", work.url), ("USERS", work.connections), ("SECONDS", work.seconds)]:
            plan = plan.replace(f"@{key}@", str(value))
        file = Path(folder) / "plan.yaml"
        file.write_text(plan.replace("@BODY@", work.body))
        summary = Path(folder) / "summary.json"
        done = process.run([peer.program(), "run", "--quiet", "--summary-export", summary, file])
        metrics = json.loads(summary.read_text())["metrics"]
    refuse_errors(peer, metrics["checks"]["fails"])
    return metrics["http_reqs"]["count"], done


def goose(peer, work):
    """Goose: a compiled user that reads the body."""
    command = [peer.program(), "--host", f"http://127.0.0.1:{work.port}", "-u", work.connections]
    command += ["-r", work.connections, "-t", f"{work.seconds}s", "--no-print-metrics"]
    done = process.run(command, env={"BODY": work.body})
    return number(r"answered (\d+)", done.out, peer.name), done


def refuse_errors(peer, seen):
    """A figure with failures in it compares nothing."""
    if seen:
        raise BenchError(f"{peer.name} met failures: {seen}")


PEERS = [
    Peer("wrk", lambda: tool("wrk"), wrk),
    Peer("oha", lambda: tool("oha"), oha),
    Peer("k9-load", lambda: tool("k9"), k9),
    Peer("hey", lambda: tool("hey"), hey),
    Peer("Goose", lambda: tool("goose-peer"), goose),
    Peer("k6", lambda: tool("k6"), k6),
    Peer("Locust FastHttpUser", lambda: tool("locust"), locust("FastUser")),
    Peer("Locust HttpUser", lambda: tool("locust"), locust("PlainUser")),
]
