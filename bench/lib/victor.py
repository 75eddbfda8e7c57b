"""Victor at the work of the benchmarks, and as a server."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from . import process
from .process import BenchError, Service

# Ends that leave a whole measurement: verdicts of a bench are beside the point.
MEASURED = (0, 1, 4, 5)


class Victor:
    """The binary under measurement."""

    def __init__(self, program):
        self.program = program

    def load(self, port, *flags, cores=process.GENERATOR_CORES, seconds=None, more=0):
        """A headless run; gives the run report and the weighed process."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "report.json"
            command = [self.program, "load", "--headless", "-H", f"http://127.0.0.1:{port}"]
            command += ["--report-json", file, "--seed", "1", *flags]
            if seconds:
                command += ["-t", f"{seconds}s"]
            done = process.run(command, cores=cores, ok=MEASURED, timeout=900 + more)
            if not file.exists():
                raise BenchError(f"victor load wrote no report: {done.err[-600:]}")
            return json.loads(file.read_text()), done

    def saturate(self, port, users, seconds, *flags, **options):
        """A closed loop without wait: each user asks again as soon as it is answered."""
        spawn = ["-u", users, "-r", users, "--wait", "none", "StressTestUser"]
        report, done = self.load(port, *spawn, *flags, seconds=seconds, **options)
        failed = report["total"]["failed"]
        if failed:
            raise BenchError(f"victor met {failed} failures: {report['failures'][:2]}")
        return report["total"]["succeeded"], done

    def serve(self, port, *flags, cores=process.TARGET_CORES, env=None):
        """The assistant server."""
        command = [self.program, "serve", "--port", port, *flags]
        return Service(command, port, cores=cores, env=env)
