#!/usr/bin/env python3
"""The benchmarks: `python3 bench/run.py [CASE...]`, from the root of the repository.

Each case writes its raw rows and the machine to `bench/results/CASE.json` and what they say to
`bench/results/CASE.md`. `--show` makes the text again from the rows that are there.
"""

import argparse
import importlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lib.machine import describe  # noqa: E402
from lib.peers import PEERS  # noqa: E402
from lib.process import BenchError  # noqa: E402
from lib.victor import Victor  # noqa: E402

CASES = ["cost", "shards", "schedule", "stall", "users", "server", "upkeep"]


@dataclass
class Setting:
    """What every case is given."""

    victor: Victor
    rounds: int
    seconds: int
    without: set = field(default_factory=set)
    root: Path = HERE.parent

    @staticmethod
    def say(text):
        """A line of progress."""
        print(f"  {text}", file=sys.stderr, flush=True)


def main():
    """Runs or shows the cases that were asked for."""
    given = arguments()
    failed = False
    for name in given.case or CASES:
        case = importlib.import_module(f"cases.{name}")
        file = given.out / f"{name}.json"
        try:
            result = json.loads(file.read_text()) if given.show else measured(case, given)
        except (BenchError, FileNotFoundError) as error:
            print(f"error: {name}: {error}", file=sys.stderr)
            failed = True
            continue
        text = written(name, case, result)
        if not given.show:
            given.out.mkdir(parents=True, exist_ok=True)
            rows = ",\n".join("  " + json.dumps(row) for row in result["rows"])
            machine = json.dumps(result["machine"])
            file.write_text(f'{{"machine": {machine},\n "rows": [\n{rows}\n]}}\n')
        (given.out / f"{name}.md").write_text(text)
        print(text)
        failed |= "NOT held" in text
    return 1 if failed else 0


def measured(case, given):
    """Machine and rows of a case."""
    left_out = [peer.name for peer in PEERS if not peer.available()]
    if left_out:
        print(f"left out, not installed: {', '.join(left_out)}", file=sys.stderr)
    setting = Setting(Victor(given.victor), given.rounds, given.seconds, set(given.without))
    machine = describe(given.victor)
    print(f"{case.ABOUT}", file=sys.stderr)
    return {"machine": machine, "rows": case.measure(setting)}


def written(name, case, result):
    """The page of a result."""
    machine = result["machine"]
    about = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
    about += f"Linux {machine['kernel']}; {machine['victor']} at {machine['commit']}"
    about += ", changed" if machine["changed"] else ""
    return f"# {case.ABOUT[0].upper()}{case.ABOUT[1:]}\n\n{case.show(result['rows'])}\n{machine['at']}; {about}.\n"


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=6, help="length of one measurement")
    parser.add_argument("--without", nargs="*", default=[], help="peers to leave out")
    parser.add_argument("--victor", default=str(HERE.parent / "target/release/victor"))
    parser.add_argument("--out", type=Path, default=HERE / "results")
    parser.add_argument("--show", action="store_true", help="text again from the rows that are there")
    given = parser.parse_args()
    strangers = [name for name in given.case if name not in CASES]
    if strangers:
        parser.error(f"no case {', '.join(strangers)}: choose from {', '.join(CASES)}")
    return given


if __name__ == "__main__":
    sys.exit(main())
