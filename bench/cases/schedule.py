"""How late an open load leaves."""

from tempfile import TemporaryDirectory

from lib.table import table, verdict
from lib.targets import chat_body, nginx

ABOUT = "schedule slip of an open load of 5,000 turns a second"
PORT, RATE = 18003, 5000


def measure(setting):
    """Runs one after another."""
    rows = []
    with TemporaryDirectory() as folder, nginx(PORT, chat_body(150), folder):
        for number in range(max(setting.rounds, 10)):
            report, done = setting.victor.load(
                PORT, "--arrival-rate", RATE, "--max-users", "200", "StressTestUser",
                "--only-summary", seconds=setting.seconds,
            )
            total, slip = report["total"], report["generator"]["slip_p99"]
            row = {"round": number, "sent": total["sent"], "failed": total["failed"]}
            row |= {"cpu": round(done.cpu, 3), "slip_p99_ms": slip}
            setting.say(f"run {number + 1}: p99 {slip} ms")
            rows.append(row)
    return rows


def show(rows):
    """Each run and the bound."""
    heads = ["run", "sent", "failed", "generator CPU s", "slip p99 ms"]
    keys = ["sent", "failed", "cpu", "slip_p99_ms"]
    text = table(heads, [[row["round"] + 1, *(row[key] for key in keys)] for row in rows])
    held = sum(row["slip_p99_ms"] < 1 for row in rows)
    bound = held >= 0.9 * len(rows)
    return text + f"\n\np99 under 1 ms in {held} of {len(rows)} runs (9 of 10 asked): {verdict(bound)}.\n"
