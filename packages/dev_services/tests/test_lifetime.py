from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import nullcontext, suppress

import psutil
import pytest

from dev_services.machine.processes import started_on
from dev_services.servers.keeper import kept

from .drivers import answers

POSTGRESQL = ("run", "--services", "postgresql")
THROW_AWAY = (*POSTGRESQL, "--throw-away", "--")
# It says where its database is, and ends when its input does.
WAITS = """
import os
print(os.environ["DATABASE_URL"], flush=True)
input()
"""


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_an_interruption_before_the_command_begins_stops_the_start(command_line):
    for _ in range(10):  # On a busy machine the signal may come too late.
        run = command_line.start(*THROW_AWAY, "echo", "begun")
        keeper = child_of(run)
        run.send_signal(signal.SIGTERM)
        output, _ = run.communicate(timeout=30)
        if not output:
            break

    assert (run.returncode, output) == (128 + signal.SIGTERM, "")
    assert not keeper.is_running()


def child_of(run: subprocess.Popen[str]) -> psutil.Process:
    """Return the first child, as soon as there is one."""
    process = psutil.Process(run.pid)
    while True:
        if children := process.children():
            return children[0]


def test_a_signal_right_after_the_fork_leaves_no_keeper(monkeypatch):
    pids = []

    def fork_and_interrupt():
        pids.append(fork())
        if pids[0]:
            signal.raise_signal(signal.SIGTERM)
        return pids[0]

    fork = os.fork
    monkeypatch.setattr(os, "fork", fork_and_interrupt)
    handler = signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    try:
        with pytest.raises(SystemExit, match="interrupted"), kept(nullcontext):
            pass
    finally:
        signal.signal(signal.SIGTERM, handler)

    assert not psutil.pid_exists(pids[0])


def test_a_killed_run_takes_servers_and_command_with_it(command_line):
    run = command_line.start(*THROW_AWAY, *python(WAITS))
    url = run.stdout.readline().strip()
    command = psutil.Process(run.pid).children()[-1]

    run.kill()
    run.communicate(timeout=30)  # Its descendants hold the other ends of the pipes.

    assert not answers(url)
    assert not command.is_running() or command.status() == psutil.STATUS_ZOMBIE


def test_the_next_run_clears_what_a_killed_keeper_left(command_line):
    run = command_line.start(*THROW_AWAY, *python(WAITS))
    url = run.stdout.readline().strip()
    keeper, command = psutil.Process(run.pid).children()
    for process in (keeper, run, command):
        process.kill()
    run.communicate(timeout=30)
    assert answers(url)

    command_line(*THROW_AWAY, "true")

    assert not answers(url)


def test_two_throw_away_runs_have_their_own_servers(command_line):
    runs = [command_line.start(*THROW_AWAY, *python(WAITS)) for _ in range(2)]
    urls = {run.stdout.readline().strip() for run in runs}

    for run in runs:
        run.communicate("\n", timeout=30)

    assert len(urls) == 2
    assert not any(map(answers, urls))


def test_two_runs_of_a_clone_share_a_server_until_the_last_has_ended(command_line):
    runs = [command_line.start(*POSTGRESQL, "--", *python(WAITS)) for _ in range(2)]
    first, second = (run.stdout.readline().strip() for run in runs)

    runs[0].communicate("\n", timeout=30)
    still_there = answers(second)
    runs[1].communicate("\n", timeout=30)

    assert first == second
    assert still_there
    assert not answers(second)


def test_kills_at_any_moment_leave_nothing_after_the_next_run(command_line, ground):
    for _ in range(3):
        with command_line.start(*THROW_AWAY, *python(WAITS)) as run:
            with suppress(subprocess.TimeoutExpired):
                run.wait(random.uniform(0, 1.5))
            for process in [*psutil.Process(run.pid).children(), run]:
                process.kill()

    command_line(*THROW_AWAY, "true")

    assert left_below(ground) == []
    assert started_on(ground / "root" / "throw-away") == []


def left_below(ground):
    shelves = (ground / "root" / "throw-away", ground / f"fieldkit-{os.geteuid()}")
    return [left for shelf in shelves for left in shelf.glob("run-*")]
