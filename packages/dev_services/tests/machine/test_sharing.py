from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from dev_services.machine.processes import end, find
from dev_services.machine.sharing import (
    alone,
    clear_away,
    shared,
    throw_away_directory,
)


def test_the_last_user_stops_a_shared_server(cluster):
    with shared(cluster) as first:
        with shared(cluster) as second:
            assert second == first
        assert cluster.url() == first

    assert cluster.url() is None


def test_a_server_that_killed_users_left_is_taken_over_and_stopped(cluster):
    left = cluster.start()

    with shared(cluster) as url:
        assert url == left

    assert cluster.url() is None


def test_a_throw_away_folder_is_gone_afterwards(our_places):
    with throw_away_directory(our_places.prepare_throw_away()) as folder:
        folder.joinpath("data").touch()

    assert not folder.exists()


def test_what_a_killed_run_left_is_ended_and_removed_by_the_next(
    made_cluster, our_places
):
    shelf = our_places.prepare_throw_away()
    left = shelf / "run-killed"
    left.mkdir(mode=0o711)
    abandoned = replace(made_cluster, place=left / "postgresql", durable=False)
    abandoned.start()
    pid = int(abandoned.data.joinpath("postmaster.pid").read_text().split()[0])

    with throw_away_directory(shelf):
        assert not left.exists()
        assert all(p.status() == psutil.STATUS_ZOMBIE for p in find(pid))


def test_a_run_leaves_the_others_alone(our_places):
    shelf = our_places.prepare_throw_away()

    with throw_away_directory(shelf) as one, throw_away_directory(shelf) as other:
        assert one != other
        assert one.is_dir()


def test_a_server_that_fails_to_start_is_not_left_behind(cluster):
    cluster.data.joinpath("PG_VERSION").write_text("17")

    with pytest.raises(Exception, match="PostgreSQL 17"), alone(cluster):
        pass

    assert cluster.url() is None


# It takes no notice of the polite signals, and says when it is ready.
STUBBORN = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture
def stubborn(plot):
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, f"{plot}/data"], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_process_that_does_not_heed_is_told_from_one_that_does(stubborn):
    assert not end(find(stubborn.pid), 2, patience_s=0)
    assert end(find(stubborn.pid), 15, patience_s=10)


def test_a_folder_is_cleared_of_processes_that_do_not_heed(stubborn, plot, monkeypatch):
    monkeypatch.setattr("dev_services.machine.sharing.PATIENCE_S", 0.05)

    clear_away(plot)

    assert stubborn.wait(10) == -9
    assert not plot.exists()


def test_a_process_that_is_gone_has_ended(stubborn):
    gone = find(stubborn.pid)
    stubborn.kill()
    stubborn.wait()

    assert end(gone, 15, patience_s=0)
    assert find(stubborn.pid) == []
