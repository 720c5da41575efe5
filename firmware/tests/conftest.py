"""The runtimes, and a way to run programs with them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import runtimes

TESTS = Path(__file__).parent
FIRMWARE = TESTS.parent
DEVICE = TESTS / "device"
MISSING: list[str] = []


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # Once, not in every worker of xdist.
        MISSING.extend(runtimes.fetch())
        if MISSING and os.environ.get("CI") == "true":
            raise pytest.UsageError("\n".join(MISSING))


def pytest_report_header():
    found = [*runtimes.find_runtimes(), *runtimes.find_webassembly()]
    return ["runtimes: " + ", ".join(runtime.name for runtime in found)]


def pytest_terminal_summary(terminalreporter):
    for path in sorted(runtimes.CACHE.glob("figures/*.json")):
        name, value = json.loads(path.read_text())
        terminalreporter.write_line(f"{name}: {value}")
    for line in MISSING:
        terminalreporter.write_line(f"missing, so fewer tests ran: {line}")


def pytest_generate_tests(metafunc):
    every = runtimes.find_runtimes()
    kinds = {
        "any_runtime": [runtimes.cpython(), *every, *runtimes.find_webassembly()],
        "runtime": [runtimes.cpython(), *every],
        "micropython": every,
        "extreme": extremes(every),
        "oldest": extremes(every)[:1],
        "newest": extremes(every)[-1:],
        "small": [runtime for runtime in every if runtime.bits == 32][:1],
    }
    for name, values in kinds.items():
        if name in metafunc.fixturenames:
            ids = [value.name for value in values]
            metafunc.parametrize(name, values, ids=ids)


def extremes(every):
    """Return the oldest of 32 bit and the newest of 64 bit."""
    small = [runtime for runtime in every if runtime.bits == 32][:1]
    return small + [runtime for runtime in every if runtime.bits == 64][-1:]


class Program:
    """A program that a runtime runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[str]] = []

    def start(self, runtime, source, *, heap="32M", places=(FIRMWARE, DEVICE)):
        """Start the source text; return the process."""
        path = self.folder / f"program{len(self._running)}.py"
        path.write_text(source, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
        environment["MICROPYPATH"] = ":".join([".frozen", *map(str, places)])
        command = [*runtime.command]
        if not runtime.has_sockets:
            command = [command[0], str(TESTS / "wasm.mjs"), command[1], str(path)]
            command += map(str, places)
        else:
            if not runtime.is_cpython:
                command += ["-X", f"heapsize={heap}"]
            command += [path.name]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._running.append(process)
        return process

    def run(self, runtime, source, *, timeout=60, **options):
        """Run the source text; return what it printed, fail if it failed."""
        process = self.start(runtime, source, **options)
        output, _ = process.communicate(timeout=timeout)
        assert process.returncode == 0, output
        return output

    def stop(self):
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def program(tmp_path):
    """Run programs with a runtime; what still runs at the end is stopped."""
    made = Program(tmp_path)
    yield made
    made.stop()
