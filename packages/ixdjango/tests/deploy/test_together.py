"""Several containers start a deploy at once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.drivers import ask

from .conftest import ended

# Ten rounds on one Python; elsewhere they would show the same in another minute.
ROUNDS = 10 if sys.version_info[:2] == (3, 11) else 2
EXPECTED = ["end", "fill", "gift", "migration 1", "migration 2"]


def test_one_leads_and_the_others_run_only_their_own_steps(shop):
    containers = [shop.start() for _ in range(4)]

    codes, outputs = zip(*map(ended, containers), strict=True)

    assert codes == (0, 0, 0, 0), outputs
    assert sorted(shop.texts()) == EXPECTED
    followers = [text for text in outputs if "was done by" in text]
    assert len(followers) == 3
    assert all(text.count("local in ") == 1 for text in outputs)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_eight_containers_do_everything_once_though_leaders_are_killed(shop, number):
    """A leader is killed in a step by chance, and then perhaps its successor."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    containers = [shop.start() for _ in range(8)]
    for _ in range(chance.randint(1, 2)):
        step = chance.randint(1, 4)
        leader = shop.wait_until(lambda: _leader(shop, step), "no leader")  # noqa: B023
        if leader == "done":
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(leader), signal.SIGKILL)
    results = [ended(container) for container in containers]
    codes = {code for code, _ in results}
    assert codes <= {0, 7, -signal.SIGKILL}, (seed, results)
    if 7 in codes:
        # Somebody died in the step that may run once: look, as an operator would.
        option = "--confirm" if "gift" in shop.texts() else "--skip"
        code, said = shop.deploy("whole", option, "tests.deploy.shop.work.note gift")
        assert code == 0, (seed, said)
        if option == "--skip":
            shop.environ["REVISION"] = "the next"
    code, said = shop.deploy()

    assert code == 0, (seed, said)
    once = [t for t in shop.texts() if t.startswith(("migration", "gift"))]
    assert sorted(once) == ["gift", "migration 1", "migration 2"], seed
    assert ask(shop.url, "SELECT count(*) FROM django_migrations") == 4
    # Nobody but killed leaders can have repeated any of the other steps.
    assert shop.texts().count("fill") <= 4, seed


def _leader(shop, step):
    """Return the pid of a leader that has begun so many steps; `done` if none comes."""
    if not ask(shop.url, "SELECT to_regclass('ixdjango_deploy') IS NOT NULL"):
        return None
    state = "SELECT max(state) FROM ixdjango_deploy WHERE place = 0"
    is_over = all(container.poll() is not None for container in shop.started)
    if is_over or ask(shop.url, state) == "done":
        return "done"
    begun = "SELECT count(DISTINCT name) FROM ixdjango_deploy WHERE place > 0"
    if ask(shop.url, begun) < step:
        return None
    running = (
        "SELECT max(pid) FROM ixdjango_deploy WHERE place = 0 AND state = 'running'"
    )
    return ask(shop.url, running)


def test_the_next_revision_runs_anew_and_a_complete_one_does_not(shop):
    shop.deploy()
    code, said = shop.deploy()
    assert (code, shop.texts().count("fill")) == (0, 1)
    assert "the deploy of revision r1 was done by" in said

    shop.environ["REVISION"] = "r2"
    shop.deploy()
    assert shop.texts().count("fill") == 2
    assert shop.texts().count("gift") == 1  # It has a key.

    shop.deploy("whole", "--force")
    assert shop.texts().count("fill") == 3


def test_without_a_revision_a_run_counts_for_those_who_waited(shop):
    shop.environ["REVISION"] = ""
    leader = shop.start("waits")
    shop.wait_for_a_waiting_leader()
    follower = shop.start("waits")
    shop.wait_until(lambda: "waiting for the deploy" in follower.stdout.readline(), "")
    shop.let_go()

    assert (ended(leader)[0], ended(follower)[0]) == (0, 0)
    assert shop.texts().count("fill") == 1
    assert shop.deploy("waits")[0] == 0
    assert shop.texts().count("fill") == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_leader_that_ends_early_is_taken_over_at_its_step(shop, number):
    leader = shop.start("waits")
    shop.wait_for_a_waiting_leader()
    follower = shop.start("waits")
    line = follower.stdout.readline()
    assert f":{leader.pid} (in step 'tests.deploy.shop.work.wait')" in line

    leader.send_signal(number)
    sent_at = time.monotonic()
    assert "continuing the deploy that" in follower.stdout.readline()
    took_s = time.monotonic() - sent_at
    shop.let_go()

    codes = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
    assert ended(leader)[0] == codes[number]
    assert ended(follower)[0] == 0
    assert shop.texts().count("fill") == 1
    assert shop.texts()[-3:] == ["waits", "waits", "end"]
    assert took_s < 15, "0.1 s on an idle machine"


def test_a_failure_ends_those_who_wait_with_the_same_code(shop):
    leader = shop.start("fails")
    shop.wait_for_a_waiting_leader()
    followers = [shop.start("fails") for _ in range(2)]
    for follower in followers:
        follower.stdout.readline()
    shop.let_go()

    code, said = ended(leader)
    assert code == 4
    assert "step 3 of 5, 'tests.deploy.shop.work.fail', failed after" in said
    for follower in followers:
        code, said = ended(follower)
        assert code == 4
        assert "ValueError: no such shelf" in said
    assert "fill" not in shop.texts()
    # A later start tries again, or goes on with --resume.
    assert "waits" not in shop.deploy("fails", "--resume")[1]
    assert shop.texts().count("waits") == 1


def test_a_step_that_may_run_once_waits_for_a_person(shop):
    leader = shop.start("once")
    shop.wait_for_a_waiting_leader()
    leader.kill()
    leader.wait()

    code, said = shop.deploy("once")
    assert code == 7
    assert "nobody knows whether it ended" in said
    assert shop.texts().count("waits") == 1

    code, said = shop.deploy("once", "--confirm", "tests.deploy.shop.work.wait")
    assert (code, shop.texts()[-1]) == (0, "end")
    assert shop.texts().count("waits") == 1


def test_a_step_that_may_run_once_can_be_left_out(shop):
    leader = shop.start("once")
    shop.wait_for_a_waiting_leader()
    leader.kill()
    leader.wait()

    code, _ = shop.deploy("once", "--skip", "tests.deploy.shop.work.wait")

    assert (code, shop.texts()[-1]) == (0, "end")


def test_whoever_waits_for_too_long_says_for_whom(shop):
    leader = shop.start("waits")
    shop.wait_for_a_waiting_leader()

    code, said = shop.deploy("waits", "--lock-timeout", "0.3")

    assert code == 5
    assert f":{leader.pid} still holds the lock after 0.3 s" in said


def test_a_leader_that_is_stopped_keeps_the_lock_until_the_wait_times_out(shop):
    leader = shop.start("waits")
    shop.wait_for_a_waiting_leader()
    leader.send_signal(signal.SIGSTOP)

    assert shop.deploy("waits", "--lock-timeout", "1.5")[0] == 5

    leader.send_signal(signal.SIGCONT)
    shop.let_go()
    assert ended(leader)[0] == 0


def test_who_loses_the_lock_cancels_its_step_and_records_nothing(shop):
    leader = shop.start("query")
    shop.wait_until(
        lambda: _is_there(shop, "state = 'active' AND query ~ 'pg_sleep.600'"), ""
    )
    ask(
        shop.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE application_name ~ ':{leader.pid}$'",
    )

    code, said = ended(leader)

    assert code == 6
    assert "the connection that holds the lock is gone" in said
    assert not _is_there(shop, "query ~ 'pg_sleep.600'")
    query = "SELECT state FROM ixdjango_deploy ORDER BY id DESC LIMIT 1"
    assert ask(shop.url, query) == "running"


def test_a_signal_cancels_the_query_of_a_step(shop):
    leader = shop.start("query")
    shop.wait_until(
        lambda: _is_there(shop, "state = 'active' AND query ~ 'pg_sleep.600'"), ""
    )
    leader.send_signal(signal.SIGTERM)

    assert ended(leader)[0] == 143
    assert not _is_there(shop, "query ~ 'pg_sleep.600'")


def test_a_successor_ends_the_sessions_and_programs_of_a_dead_leader(shop):
    leader = shop.start("program")
    path = shop.folder / "pid"
    shop.wait_until(lambda: path.is_file() and path.read_text(), "no program")
    program = path.read_text().strip()
    leader.kill()
    leader.wait()
    path.unlink()

    successor = shop.start("program")
    shop.wait_until(lambda: path.is_file() and path.read_text(), "no other program")

    assert not _lives(program)
    successor.terminate()
    assert ended(successor)[0] == 143
    assert not _lives(path.read_text().strip())


def test_containers_with_sqlite_agree_by_a_file(sqlite_shop):
    containers = [sqlite_shop.start() for _ in range(3)]

    results = [ended(container) for container in containers]

    assert [code for code, _ in results] == [0, 0, 0], results
    assert sum("was done by" in said for _, said in results) == 2


def _is_there(shop, condition):
    query = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
    return ask(shop.url, query + condition)


def _lives(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False
