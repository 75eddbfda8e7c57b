"""Bare targets."""

from pathlib import Path

from .process import BenchError, Service
from .peers import tool

HERE = Path(__file__).resolve().parent.parent
PROBES = HERE.parent / "target/release/victor-probes"


def nginx(port, body, folder):
    """nginx answering a fixed body from one worker."""
    program = tool("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    if program is None:
        raise BenchError("nginx is missing: run bench/install.sh")
    text = (HERE / "targets/nginx.conf").read_text()
    for key, value in [("FOLDER", folder), ("PORT", port), ("BODY", body)]:
        text = text.replace(f"@{key}@", str(value))
    file = Path(folder) / "nginx.conf"
    file.write_text(text)
    return Service([program, "-p", folder, "-c", file], port)


def probe(port, *arguments):
    """A target of `bench/probes`."""
    return Service([PROBES, "--port", port, *arguments], port)


def chat_body(length):
    """A right answer of the assistant API, `length` bytes of JSON."""
    frame = '{"response":""}'
    return '{"response":"' + ("a word and another " * length)[: length - len(frame)] + '"}'
