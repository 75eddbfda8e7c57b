#!/usr/bin/env python3
"""The live statistics of the suite: how often each detector finds its fault, and how often it cries wolf.

Each run starts a fresh `victor serve` with one fault (or none), runs the test that is meant for it, and
appends one line to campaign/results/<test>.jsonl, whatever came of it. A campaign can be stopped at any
time: what is there for this commit is not run again, unless --again asks for it. The tables in
campaign/results/README.md are made from those lines alone (--show).
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from table import written

HERE = Path(__file__).resolve().parent
# A run that takes longer than this hangs, and is written down as such.
LONGEST = 3600


@dataclass(frozen=True)
class Case:
    """A fault and the test that should find it."""

    name: str
    test: str
    faults: tuple = ()
    # Parameters of the test, and those of a short run.
    usual: tuple = ()
    short: tuple = ()
    # More words for the server.
    serve: tuple = ()


LEAKS, ENDURANCE, INTEGRITY = "TestMemoryLeaks", "TestEndurance", "TestIntegrity"
REQUESTS = (f"{LEAKS}::test_1000_requests", (), ("seconds=12", "drain=1", "budget=60"))
CLEANUP = (f"{LEAKS}::test_resource_cleanup", (), ())
SESSIONS = (f"{LEAKS}::test_session_cleanup", (), ("sessions=100",))
CONTAINER = (f"{LEAKS}::test_service_container_lifecycle", (), ())
FILES = (f"{ENDURANCE}::test_resource_leaks", ("seconds=120",), ("seconds=20",))
TREND = (f"{ENDURANCE}::test_memory_trend", ("seconds=120",), ("seconds=20",))
STABILITY = (f"{ENDURANCE}::test_performance_stability", ("seconds=180",), ("seconds=40",))
ISOLATION = (f"{INTEGRITY}::test_session_isolation", (), ("sessions=100",))
MASKED = (f"{INTEGRITY}::test_masked_failures", (), ())
STREAMING = (f"{INTEGRITY}::test_real_streaming", (), ("streams=60",))
BLOCKING = (f"{INTEGRITY}::test_head_of_line_blocking", (), ("seconds=4", "short=20", "long_kib=32"))
ABANDONED = (f"{INTEGRITY}::test_abandonment", (), ("turns=12", "at_once=5"))
RECOVERY = (
    "TestStressTesting::test_error_recovery",
    (),
    ("users=10", "overload=120", "seconds=4", "watched=6", "within=2"),
)

# The fault of each case, the tests that look for it, and what it is called in the table.
FAULTS = (
    ("leak-request=1KiB", ("leak-request=1KiB",), (REQUESTS, TREND)),
    ("leak-session=10KiB", ("leak-session=10KiB",), (SESSIONS,)),
    ("leak-fd=0.01", ("leak-fd=0.01",), (CLEANUP, FILES)),
    ("latency-creep=30%", ("latency-creep=30%/{creep}",), (STABILITY,)),
    ("cross-talk=1%", ("cross-talk=1%",), (ISOLATION,)),
    ("error-in-200=1%", ("error-in-200=1%",), (MASKED,)),
    ("serialise", ("serialise",), (BLOCKING,)),
    ("fake-stream", ("fake-stream",), (STREAMING,)),
    ("stall", ("stall=2s@5%",), (("TestConcurrentRequests::test_10_concurrent_requests", (), ()),)),
    ("slow-recovery", ("slow-recovery=1m,above=60",), (RECOVERY,)),
    ("work-after-hangup", ("work-after-hangup=5s",), (ABANDONED,)),
)
# The time over which latency creeps: as long as the test that should see it.
CREEP = {"usual": "3m", "short": "40s"}
NO_FAULT = "none"


def cases():
    """Every fault with its tests, and each of these tests without a fault."""
    found, tests = [], []
    for name, faults, looks in FAULTS:
        for look in looks:
            found.append(Case(name, look[0], faults, look[1], look[2]))
            tests.append(look)
    tests.append(CONTAINER)
    clean = [Case(NO_FAULT, *(look[0], ()), look[1], look[2]) for look in dict.fromkeys(tests)]
    return clean + found


def main():
    given = arguments()
    if given.show:
        return show()
    there = listed(given.victor)
    wanted = [case for case in cases() if not given.cases or chosen(case, given.cases)]
    for case in wanted:
        if case.test not in there:
            print(f"not there: {case.test}, for {case.name}", file=sys.stderr)
    wanted = [case for case in wanted if case.test in there]
    machine = described(given.victor)
    # One run of all cases after the other, each in random order: what slows the machine for a while
    # slows no case alone, and a campaign that is stopped has something of every case.
    order = random.Random(machine["commit"])
    plan = [
        (case, run) for run in range(given.runs) for case in order.sample(wanted, len(wanted))
    ]
    done = {} if given.again else made(machine["commit"], given.short)
    for at, (case, run) in enumerate(plan, 1):
        if done.get((case.name, case.test), 0) > 0:
            done[(case.name, case.test)] -= 1
            continue
        row = measured(case, run, given, machine)
        append(case, row)
        print(f"{at}/{len(plan)} {case.name} {case.test}: {row['outcome']}", file=sys.stderr)
    return show()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", help="faults or tests; all without")
    parser.add_argument("--runs", type=int, default=8, help="runs of each case")
    parser.add_argument("--short", action="store_true", help="short tests: minutes instead of hours")
    parser.add_argument("--again", action="store_true", help="also what is there for this commit")
    parser.add_argument("--show", action="store_true", help="make the tables from what is there")
    parser.add_argument("--victor", default=os.environ.get("VICTOR", "target/release/victor"))
    return parser.parse_args()


def chosen(case, names):
    return any(name == case.name or name in case.test for name in names)


def listed(victor):
    """Ids of the tests that this binary has."""
    done = subprocess.run([victor, "scale", "--list"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines() if line and line[0] != " "}


def made(commit, short):
    """How many runs of each case are there for `commit`, of the same length."""
    count = {}
    for row in rows():
        if row["machine"]["commit"] == commit and row["short"] == short:
            key = (row["case"], row["test"])
            count[key] = count.get(key, 0) + 1
    return count


def rows():
    for file in sorted((HERE / "results").glob("*.jsonl")):
        with file.open() as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def append(case, row):
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    with (folder / f"{case.test.rpartition('::')[2]}.jsonl").open("a") as file:
        file.write(json.dumps(row, sort_keys=True) + "\n")


def measured(case, run, given, machine):
    """One run: a server, the test, and what came of it."""
    params = case.short if given.short else case.usual
    creep = CREEP["short" if given.short else "usual"]
    faults = [fault.format(creep=creep) for fault in case.faults]
    began = time.monotonic()
    row = {
        "case": case.name,
        "test": case.test,
        "run": run,
        "short": given.short,
        "faults": faults,
        "params": list(params),
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "load_before": round(os.getloadavg()[0], 2),
        "machine": machine,
    }
    with tempfile.TemporaryDirectory() as place:
        row |= scaled(given.victor, case, run, faults, params, Path(place))
    row["seconds"] = round(time.monotonic() - began, 1)
    return row


def scaled(victor, case, run, faults, params, place):
    words = ["--port", "0", "--workspace", str(place), "--seed", str(1000 + run), *case.serve]
    for fault in faults:
        words += ["--fault", fault]
    server = subprocess.Popen(
        [victor, "serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = server.stdout.readline()
        if "http://" not in line:
            return failed(f"the server did not start: {line.strip()}")
        host = line.split()[2]
        short_name = case.test.rpartition("::")[2]
        command = [victor, "scale", case.test, "--host", host, "--seed", str(1 + run)]
        command += ["--target-pid", str(server.pid), "--json", str(place / "scale.json")]
        for param in params:
            command += ["--set", f"{short_name}.{param}"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return failed(f"it went on for over {LONGEST} s")
        return told(place / "scale.json", done)
    finally:
        server.terminate()
        server.wait(timeout=60)


def failed(why):
    return {"outcome": "broken", "why": why, "turns": 0, "verdicts": [], "measured": []}


def told(file, done):
    try:
        test = json.loads(file.read_text())["tests"][0]
    except (OSError, ValueError, IndexError, KeyError) as error:
        return failed(f"no result ({error}); exit code {done.returncode}: {done.stderr[-500:]}")
    reports = test["reports"]
    return {
        "outcome": test["outcome"],
        "exit_code": done.returncode,
        "turns": sum(report["total"]["sent"] for report in reports),
        "test_seconds": test["duration_s"],
        "measured": test["measured"],
        "verdicts": test["verdicts"],
        "doubts": [
            warning
            for report in reports
            for warning in report.get("validity", {}).get("warnings", [])
        ],
    }


def described(victor):
    def said(command):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
        return done.stdout.strip().split("\n")[0]

    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "victor": said([str(Path(victor).resolve()), "--version"]),
        # Results are committed too: the code alone decides what a run is of.
        "commit": said(["git", "log", "-1", "--format=%h", "--", ":/crates", ":/Cargo.lock"]),
        "changed": bool(said(["git", "status", "--porcelain", "--", ":/crates"])),
        "build": "release" if "release" in str(victor) else "debug",
    }


def show():
    text = written(list(rows()), [(case.name, case.test) for case in cases()])
    (HERE / "results" / "README.md").write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
