"""Speed of `victor serve`, one core, beside the least a server can do."""

import json
import random
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

from lib.peers import BODY, PATH, PEERS, Work
from lib.ratio import ratio
from lib.table import interval, table, verdict
from lib.targets import nginx, probe

ABOUT = "chat and streams of `victor serve` beside nginx and a bare write loop"
PORT, CONNECTIONS = 18006, 50
SERVE = ["--profile", "instant", "--workers", "1", "--max-concurrent", "1000"]
# Answers as long as a public service's, so that the tokens weigh, not the request.
STREAM_SERVE = [*SERVE, "--preset", "chat"]
STREAM_BODY = json.dumps(
    {"message": "Tell me how rivers find their way to the sea.", "stream": True}, separators=(",", ":")
)
CHAT, FIXED, STREAM, WRITES = "victor chat", "nginx", "victor stream", "bare write loop"


def sample(path, body):
    """One answer of the server, as text."""
    request = Request(f"http://127.0.0.1:{PORT}{path}", body.encode(), {"content-type": "application/json"})
    return urlopen(request, timeout=10).read().decode()


def measure(setting):
    """Interleaved rounds under the same generator, wrk."""
    wrk = next(peer for peer in PEERS if peer.name == "wrk")
    rows, order = [], random.Random(3)
    size, events, event = learn_sizes(setting)
    with TemporaryDirectory() as folder:
        turns = {
            CHAT: (lambda: setting.victor.serve(PORT, *SERVE), BODY),
            FIXED: (lambda: nginx(PORT, "x" * size, folder), BODY),
            STREAM: (lambda: setting.victor.serve(PORT, *STREAM_SERVE), STREAM_BODY),
            WRITES: (lambda: probe(PORT, "stream", "--events", events, "--event", event), BODY),
        }
        for number in range(setting.rounds):
            names = list(turns)
            order.shuffle(names)
            for name in names:
                target, body = turns[name]
                with target():
                    work = Work(PORT, CONNECTIONS, setting.seconds, body)
                    requests, done = wrk.measure(wrk, work)
                rate = round(requests / setting.seconds, 1)
                setting.say(f"round {number + 1}: {name} {rate}/s")
                row = {"round": number, "name": name, "rate": rate, "size": size, "events": events}
                rows.append(row)
    return rows


def learn_sizes(setting):
    """Sizes of the server's answers: bytes of a plain one, events of a stream, and a middling event."""
    with setting.victor.serve(PORT, *SERVE):
        plain = sample(PATH, BODY)
    with setting.victor.serve(PORT, *STREAM_SERVE):
        stream = sample(PATH, STREAM_BODY)
    events = [event for event in stream.split("\n\n") if event and "[DONE]" not in event]
    words = sorted((event for event in events if '"content"' in event), key=len)
    return len(plain), len(events), words[len(words) // 2]


def show(rows):
    """Both ratios with their bounds."""
    rate = {}
    for row in rows:
        rate.setdefault(row["name"], []).append(row["rate"])
    text = table(["target", "answers/s"], [[name, f"{median(v):,.0f}"] for name, v in rate.items()])
    text += f"\n\n{rows[0]['size']} bytes an answer, {rows[0]['events']} events a stream, one core.\n"
    for ours, theirs, least in ((CHAT, FIXED, 0.4), (STREAM, WRITES, 0.6)):
        value, low, high = ratio(rate[ours], rate[theirs])
        told = interval(value, low, high)
        text += f"\n{ours} to {theirs}: {told}; at least {least}: {verdict(low >= least)}.\n"
    return text
