"""CPU that a request costs the generator, ours and the peers', saturated on purpose."""

import random
from statistics import median
from tempfile import TemporaryDirectory

from lib.peers import PEERS, Work
from lib.process import BenchError
from lib.ratio import ratio
from lib.table import interval, table, verdict
from lib.targets import chat_body, nginx

ABOUT = "CPU per request of the generator beside its peers"
PORT, CONNECTIONS, LENGTH = 18001, 100, 150
OURS, BOUND_BY = "victor", "oha"


def measure(setting):
    """Interleaved rounds in random order, each generator once a round."""
    peers = [peer for peer in PEERS if peer.available() and peer.name not in setting.without]
    rows, work = [], Work(PORT, CONNECTIONS, setting.seconds)
    order = random.Random(1)
    with TemporaryDirectory() as folder, nginx(PORT, chat_body(LENGTH), folder):
        for number in range(setting.rounds):
            turns = [(peer.name, lambda peer=peer: peer.measure(peer, work)) for peer in peers]
            turns.append((OURS, lambda: setting.victor.saturate(PORT, CONNECTIONS, setting.seconds)))
            order.shuffle(turns)
            for name, turn in turns:
                requests, done = turn()
                if not requests:
                    raise BenchError(f"{name} made no request")
                row = {"round": number, "name": name, "requests": requests}
                row |= {"cpu": round(done.cpu, 3), "user": round(done.user, 3)}
                row |= {"wall": round(done.wall, 3), "us": round(done.cpu / requests * 1e6, 3)}
                setting.say(f"round {number + 1}: {name} {row['us']} us")
                rows.append(row)
    return rows


def show(rows):
    """Medians, and our ratio to each peer with its interval."""
    by = {}
    for row in rows:
        by.setdefault(row["name"], []).append(row)
    us = {name: [row["us"] for row in rows] for name, rows in by.items()}
    lines = []
    for name in sorted(by, key=lambda name: median(us[name])):
        told = "" if name == OURS else interval(*ratio(us[OURS], us[name]))
        user = median(row["user"] / row["requests"] * 1e6 for row in by[name])
        rate = median(row["requests"] / row["wall"] for row in by[name])
        lines.append([name, f"{median(us[name]):.2f}", f"{user:.2f}", f"{rate:,.0f}", told])
    text = table(
        ["generator", "µs CPU per request", "of it user", "requests/s", "victor's CPU in ratio"], lines
    )
    rounds = len(us[OURS])
    text += f"\n\nMedians of {rounds} interleaved rounds; 95 % intervals of the paired ratio.\n"
    if BOUND_BY in us:
        _, _, high = ratio(us[OURS], us[BOUND_BY])
        text += f"\nAt most 1.0 × oha's at the upper end of the interval: {verdict(high <= 1.0)}.\n"
    return text
