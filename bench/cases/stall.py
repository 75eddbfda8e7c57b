"""Percentiles against a server that stands still on a schedule, beside the closed form.

An open load must show the standstill in full. A closed loop, the clock that starts at the send, and a
pool of too few users must not: they are measured too, as the check of the check.
"""

from lib.table import table, verdict
from lib.targets import probe

ABOUT = "truth of percentiles while the target stalls"
PORT = 18004
PERCENTILES = (50, 80, 90, 95, 99, 99.9)
# Standstill, period, service in milliseconds, arrivals a second. The first three are those of the closed
# form's published cases; the fourth is at a rate and shape of our own.
CASES = [(200, 2000, 2, 500), (500, 5000, 5, 200), (1000, 10000, 10, 100), (300, 1500, 3, 400)]
FALSE_WAYS = ["closed loop", "clock from the send", "pool of 1", "pool of 2"]


def closed_form(percent, stall, period, service):
    """Milliseconds: uniform waits of up to `stall` for the share stall/period of arrivals."""
    beyond = (1 - percent / 100) / (stall / period)
    return service + stall * (1 - beyond) if beyond < 1 else service


def values(row):
    """Percentiles of a distribution of the report."""
    found = {entry["percent"]: entry["value"] for entry in row["percentiles"]}
    return {str(percent): found[percent] for percent in PERCENTILES}


def measure(setting):
    """Each way of loading against each case, whole periods."""
    rows = []
    for stall, period, service, rate in CASES:
        # Whole periods, ten at least, so that each instant of a period is met equally often.
        seconds = -(-20_000 // (2 * period)) * 2 * period // 1000
        ways = {
            "open": ["--arrival-rate", rate],
            "closed loop": ["-u", "10", "-r", "1000", "--wait", "none"],
            "pool of 1": ["--arrival-rate", rate, "--max-users", "1"],
            "pool of 2": ["--arrival-rate", rate, "--max-users", "2"],
        }
        if seconds > 20:
            # The check of the check is made where it takes seconds rather than minutes.
            ways = {"open": ways["open"]}
        for way, flags in ways.items():
            asked = ["stall", "--service", service, "--stall", stall, "--period", period]
            with probe(PORT, *asked):
                report, _ = setting.victor.load(
                    # Turns in flight when the last standstill begins are part of it.
                    PORT, *flags, "StressTestUser", "--only-summary", "--stop-timeout", "30",
                    seconds=seconds,
                )
            case = {"stall": stall, "period": period, "service": service, "rate": rate}
            total = report["total"]
            rows.append(case | {"way": way, "sent": total["sent"], "ms": values(total["latency"])})
            setting.say(f"{stall} of {period} ms, {way}: {rows[-1]['ms']}")
            if way == "pool of 2":
                # The same run by the wrong clock: from the send, not from the planned instant.
                ms = values(total["service"])
                rows.append(case | {"way": "clock from the send", "sent": total["sent"], "ms": ms})
    return rows


def errors(row):
    """Percentiles outside the tolerance: max(1 %, 1/R + 1 ms)."""
    wrong = []
    for percent, measured in row["ms"].items():
        want = closed_form(float(percent), row["stall"], row["period"], row["service"])
        if abs(measured - want) > max(0.01 * want, 1000 / row["rate"] + 1):
            wrong.append(f"p{percent} {measured:.1f} for {want:.1f}")
    return wrong


def show(rows):
    """Each row with what is wrong in it."""
    lines, holds = [], True
    for row in rows:
        wrong = errors(row)
        holds &= bool(wrong) == (row["way"] in FALSE_WAYS)
        case = f"{row['stall']} of {row['period']} ms at {row['rate']}/s"
        lines.append([case, row["way"], row["sent"], "; ".join(wrong) or "all within tolerance"])
    text = table(["stall", "load", "turns", "percentiles (ms) outside max(1 %, 1/R + 1 ms)"], lines)
    return text + (
        "\n\nThe open load agrees with the closed form, the other four ways fail the same check: "
        f"{verdict(holds)}.\n"
    )
