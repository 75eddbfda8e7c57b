"""What machine the figures are from."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path


def describe(victor):
    """Machine, kernel, versions and load, as they belong beside every figure."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    return {
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
        "victor": said([victor, "--version"]),
        "commit": said(["git", "rev-parse", "--short", "HEAD"]),
        "changed": bool(said(["git", "status", "--porcelain", "--untracked-files=no"])),
    }


def said(command):
    """First line that a command prints, nothing when it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip().split("\n")[0]
