"""Memory of the generator: what a connected user costs, and whether it stays flat over many requests."""

import subprocess
import time
from tempfile import TemporaryDirectory

from lib.process import GENERATOR_CORES, BenchError, memory_of
from lib.table import table, verdict
from lib.targets import chat_body, nginx

ABOUT = "memory per connected user, and over millions of requests"
PORT, USERS = 18005, 15_000
SOURCES = "127.0.0.2,127.0.0.3"
REQUESTS = 20_000_000


def kernel_socket_memory():
    """Bytes the kernel holds for TCP sockets."""
    for line in open("/proc/net/sockstat", encoding="ascii"):
        if line.startswith("TCP:"):
            return int(line.split()[-1]) * 4096
    return 0


def watch(setting, flags, seconds, each, done=lambda: False):
    """Starts a run and samples its memory every `each` seconds: (seconds, RSS, kernel)."""
    command = ["taskset", "-c", GENERATOR_CORES, setting.victor.program, "load", "--headless"]
    command += ["--only-summary", "-H", f"http://127.0.0.1:{PORT}", "--seed", "1", *map(str, flags)]
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    samples, began = [], time.monotonic()
    try:
        while time.monotonic() - began < seconds and not done():
            time.sleep(each)
            if child.poll() is not None:
                raise BenchError(f"victor load ended early: {child.stderr.read().decode()[-600:]}")
            at = round(time.monotonic() - began, 1)
            samples.append({"at": at, "rss": memory_of(child.pid), "kernel": kernel_socket_memory()})
    finally:
        child.kill()
        child.wait()
    return samples


def measure(setting):
    """One user, then all, then one core's worth of requests for minutes."""
    rows = []
    with TemporaryDirectory() as folder, nginx(PORT, chat_body(150), folder):
        think = ["--wait", "between:30,60", "StressTestUser"]
        for users in (1, USERS):
            spawn = ["-u", users, "-r", 1000, "--source-address", SOURCES]
            samples = watch(setting, [*spawn, *think], 45, 5)
            rows.append({"what": "users", "users": users, "samples": samples})
            setting.say(f"{users} users: {samples[-1]}")
        before, wanted = answered(), REQUESTS if setting.seconds >= 3 else REQUESTS // 20
        flags = ["-u", 100, "-r", 100, "--wait", "none", "StressTestUser"]
        samples = watch(setting, flags, 1800, 5, lambda: answered() - before >= wanted)
        requests = answered() - before
        rows.append({"what": "flat", "users": 100, "samples": samples, "requests": requests})
        setting.say(f"flat: {samples[0]} to {samples[-1]}, {rows[-1]['requests']} requests")
    return rows


def answered():
    """Requests that nginx has answered, by its status page."""
    from urllib.request import urlopen

    text = urlopen(f"http://127.0.0.1:{PORT}/status", timeout=5).read().decode()
    return int(text.split("\n")[2].split()[2])


def show(rows):
    """Bytes per user and the range of the flat part."""
    one, many = (next(r for r in rows if r.get("users") == n and r["what"] == "users") for n in (1, USERS))
    growth = many["samples"][-1]["rss"] - one["samples"][-1]["rss"]
    kernel = many["samples"][-1]["kernel"] - one["samples"][-1]["kernel"]
    per_user = growth / USERS / 1024
    text = table(
        ["users", "RSS MiB", "kernel TCP memory MiB"],
        [
            [row["users"], *(f"{row['samples'][-1][key] / 2**20:.1f}" for key in ("rss", "kernel"))]
            for row in (one, many)
        ],
    )
    text += f"\n\nA connected user: {per_user:.2f} KiB, and {kernel / USERS / 1024:.2f} KiB in the kernel; "
    text += f"at most 10 KB: {verdict(per_user * 1.024 <= 10)}.\n"
    flat = next(row for row in rows if row["what"] == "flat")
    # The first tenth fills buffers and histograms.
    later = [sample["rss"] for sample in flat["samples"][len(flat["samples"]) // 10 :]]
    spread = (max(later) - min(later)) / 2**20
    text += f"\nOver {flat['requests']:,} requests RSS moved within {spread:.2f} MiB; "
    return text + f"at most ± 2 MB: {verdict(spread <= 4)}.\n"
