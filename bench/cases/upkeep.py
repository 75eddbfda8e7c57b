"""What sessions cost `victor serve`: memory of a session, time of a compaction."""

import json

from lib import process
from lib.table import table, verdict

ABOUT = "memory of a session of 20 turns, time to compact 1,000 messages"
EXAMPLES = "target/release/examples"


def measure(setting):
    """The examples of the crates, which measure themselves and print JSON lines."""
    rows = []
    for example in ("compaction_time", "session_memory"):
        done = process.run([setting.root / EXAMPLES / example], cores="0")
        rows += [{"example": example} | json.loads(line) for line in done.out.splitlines() if line]
    return rows


def show(rows):
    """Medians and bounds."""
    compaction = [row for row in rows if row["example"] == "compaction_time"]
    text = table(
        ["strategy", "messages", "median ms"],
        [[row["strategy"], row["messages"], f"{row['median_ms']:.3f}"] for row in compaction],
    )
    plain = [row["median_ms"] for row in compaction if row["strategy"] in ("truncation", "tiered")]
    text += f"\n\nTruncation and tiered at most 1 ms: {verdict(len(plain) == 2 and max(plain) <= 1)}.\n"
    for row in rows:
        if row["example"] == "session_memory":
            size = row["rss_per_session"] / 1024
            text += f"\n{row['sessions']:,} sessions of {row['turns']} turns: {size:.1f} KiB each; "
            text += f"at most 32 KiB: {verdict(size <= 32)}.\n"
    return text
