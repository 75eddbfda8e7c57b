"""What a second generator thread costs, and what the displays cost."""

import random
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from lib.ratio import ratio
from lib.table import interval, table, verdict
from lib.targets import chat_body, nginx

ABOUT = "CPU per request with two shards, and with every display on"
PORT, USERS, LENGTH = 18002, 100, 150
ONE, SILENT = "one shard", "displays off"


def variants(folder):
    """Name, flags and cores of each variant."""
    out = Path(folder)
    shown = ["--html", out / "r.html", "--csv", out / "c", "--json"]
    both = "0,1"
    return {
        ONE: (["--shards", "1"], both),
        "two shards": (["--shards", "2"], both),
        SILENT: (["--only-summary"], "1"),
        "displays on": (shown, "1"),
    }


def measure(setting):
    """Interleaved rounds in random order."""
    rows, order = [], random.Random(2)
    with TemporaryDirectory() as folder, nginx(PORT, chat_body(LENGTH), folder):
        for number in range(setting.rounds):
            turns = list(variants(folder).items())
            order.shuffle(turns)
            for name, (flags, cores) in turns:
                requests, done = setting.victor.saturate(
                    PORT, USERS, setting.seconds, *flags, cores=cores
                )
                us = round(done.cpu / requests * 1e6, 3)
                setting.say(f"round {number + 1}: {name} {us} us")
                rows.append({"round": number, "name": name, "requests": requests, "us": us})
    return rows


def show(rows):
    """Both ratios with their bounds."""
    us = {}
    for row in rows:
        us.setdefault(row["name"], []).append(row["us"])
    text = table(
        ["variant", "µs CPU per request"], [[name, f"{median(v):.2f}"] for name, v in us.items()]
    )
    two, low, high = ratio(us["two shards"], us[ONE])
    text += f"\n\nTwo shards to one: {interval(two, low, high, 3)}; at most 1.1: {verdict(high <= 1.1)}."
    on, low, high = ratio(us["displays on"], us[SILENT])
    text += f"\n\nDisplays on to off: {interval(on, low, high, 3)}; under 1.03: {verdict(high < 1.03)}.\n"
    return text
