"""What sessions cost `victor serve`: memory of a session and of many abandoned ones, time of a compaction."""

import json

from lib import process
from lib.table import table, verdict

ABOUT = "memory of sessions of `victor serve`, and time to compact 1,000 messages"
EXAMPLES = "target/release/examples"
PORT, ABANDONED = 18007, 100_000
KEPT = "20 turns"
CHATTY = "20 turns, answers as long as a public service's"
LEFT = "opened and abandoned"


def measure(setting):
    """The examples of the crates, which measure from outside and print JSON lines."""
    done = process.run([setting.root / EXAMPLES / "compaction_time"], cores="0")
    rows = lines("compaction", done)
    instant = ["--profile", "instant"]
    short_lived = [*instant, "--session-ttl", "25s", "--max-sessions", "300000"]
    for what, flags, work in (
        (KEPT, instant, [10_000, 20]),
        (CHATTY, [*instant, "--preset", "chat"], [10_000, 20]),
        (LEFT, short_lived, [ABANDONED, 1, 3]),
    ):
        with setting.victor.serve(PORT, *flags):
            host = {"VICTOR_API_HOST": f"http://127.0.0.1:{PORT}"}
            done = process.run([setting.root / EXAMPLES / "sessions", *work], env=host)
        rows += lines(what, done)
        setting.say(f"{what}: {rows[-1]}")
    return rows


def lines(what, done):
    """The JSON lines of a program, with what they are about."""
    return [{"what": what} | json.loads(line) for line in done.out.splitlines() if line]


def show(rows):
    """Medians and bounds."""
    compaction = [row for row in rows if row["what"] == "compaction"]
    text = table(
        ["strategy", "messages", "median ms"],
        [[row["strategy"], row["messages"], f"{row['median_us'] / 1e3:.3f}"] for row in compaction],
    )
    plain = [row["median_us"] for row in compaction if row["strategy"] in ("truncation", "tiered")]
    held = len(plain) == 2 and max(plain) <= 1000
    text += f"\n\nTruncation and tiered at most 1 ms: {verdict(held)}.\n\n"
    kept = [row for row in rows if row["what"] in (KEPT, CHATTY)]
    text += table(
        ["sessions of", "sessions", "RSS of each, KiB", "accounted, KiB"],
        [
            [row["what"], f"{row['live']:,}"]
            + [f"{row[key] / 1024:.1f}" for key in ("rss_per_session", "accounted_per_session")]
            for row in kept
        ],
    )
    held = all(row["rss_per_session"] <= 32 * 1024 for row in kept if row["what"] == KEPT)
    text += f"\n\nAt most 32 KiB a session of 20 turns: {verdict(held)}. Longer answers are text first: "
    text += "25 KiB of it in the second row.\n\n"
    left = [row for row in rows if row["what"] == LEFT]
    heads = [f"{ABANDONED:,} sessions opened and abandoned", "RSS before, MB", "at the peak", "bytes left"]
    text += table(
        heads,
        [
            [f"round {n + 1}", *(f"{row[key] / 1e6:.1f}" for key in ("rss_before", "rss_full"))]
            + [row["bytes_after"]]
            for n, row in enumerate(left)
        ],
    )
    # What the first round made resident is there for the second, which may add 2 % of it.
    growth = left[0]["rss_full"] - left[0]["rss_before"]
    more = (left[1]["rss_full"] - left[0]["rss_full"]) / growth
    text += f"\n\nThe second round adds {more:.2%} of the first one's growth; under 2 %, and nothing left "
    return text + f"after each: {verdict(more < 0.02 and not any(row['bytes_after'] for row in left))}.\n"
