"""What a single deploy does: its output, its exit codes, poolers and timeouts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import psutil
import pytest

from ixdjango.deploy.report import SCHEMA
from tests.drivers import ask, driver

from .conftest import ended


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_the_report_for_programs_follows_its_schema_with_all_that_was_written(shop):
    started = time.monotonic()
    deploy = shop.start("loud", "--json")
    out, _ = deploy.communicate(timeout=250)

    # A program in the background still holds the pipe; it delays nothing.
    assert time.monotonic() - started < 200
    report = json.loads(out)
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    loud, raw = report["steps"]
    assert loud["output_bytes"] == 5_000_001
    assert raw["output"] == "\N{REPLACEMENT CHARACTER}raw\n"
    assert report["role"] == "leader"
    os.kill(int((shop.folder / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("steps", "arguments", "code", "said"),
    [
        ("usage", (), 1, "write Step('migrate', ('--noinput',))"),
        ("none", (), 1, "there is nothing to deploy"),
        ("whole", ("--only", "no"), 1, "there is no step 'no': name one of 'migrate'"),
        ("whole", ("--skip", "tests.deploy.shop.work.note"), 1, "there are several"),
        ("bad condition", (), 4, "ValueError: no such shelf"),
        ("fails", ("--only", "tests.deploy.shop.work.fail"), 4, "no such shelf"),
    ],
)
def test_a_mistake_is_one_line_with_its_exit_code(shop, steps, arguments, code, said):
    got, text = shop.deploy(steps, *arguments)

    assert got == code
    assert said in text
    assert "Traceback" not in text


def test_settings_that_cannot_be_used_are_told_all_at_once(shop):
    shop.environ["SHOP_PROBLEM"] = "1"

    code, said = shop.deploy()

    assert code == 2
    assert said == "A is not set; example: A=1\nB is no number; B=2\n"


def test_a_database_that_never_comes_up_has_its_exit_code(shop):
    shop.environ["DATABASE_URL"] = f"postgresql://u:s3cret@127.0.0.1:{free_port()}/d"

    code, said = shop.deploy("whole", "--wait-db", "0.3")

    assert code == 3
    assert "the database did not answer within 0.3 s" in said
    assert "s3cret" not in said


def test_a_dry_run_shows_the_sql_and_writes_nothing(shop):
    code, said = shop.deploy("whole", "--dry-run")

    assert code == 0
    assert 'CREATE TABLE "shop_note"' in said
    assert 'ALTER TABLE "shop_note" ADD COLUMN "weight" integer NULL' in said
    assert "(in every container)" in said
    assert "(once)" in said
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert ask(shop.url, tables) == 0


def test_always_steps_run_after_a_failure_and_others_do_not(shop):
    code, said = shop.deploy("always")

    assert code == 4
    assert "always in " in said
    assert "never in " not in said


def test_steps_of_a_phase_and_with_a_condition(shop):
    said = shop.deploy("phases", "--phase", "before")[1]
    assert "early in " in said
    assert "late in " not in said
    assert "is skipped: its condition is false" in said

    said = shop.deploy("phases", "--phase", "after")[1]
    assert "late in " in said
    assert "early in " not in said


def test_timeouts_hold_on_connections_that_a_step_opens(shop):
    said = shop.deploy("locked")[1]

    assert "lock_timeout 250ms\nstatement_timeout 2500ms\n" in said
    assert "application_name deploy run " in said


@pytest.fixture
def migrated(shop):
    """A shop whose last two migrations are still to come."""
    shop.deploy("waits", "--only", "migrate")
    for number in ("0003", "0004"):
        ask(shop.url, f"DELETE FROM django_migrations WHERE name ~ '{number}'")
    ask(shop.url, "DROP INDEX note_size")
    ask(shop.url, "ALTER TABLE shop_note DROP COLUMN weight")
    return shop


def test_migrate_waits_for_a_lock_and_tries_again(migrated):
    ask(
        migrated.url,
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('shop', '0003_index', now())",
    )
    held = driver.connect(migrated.url)
    held.cursor().execute("LOCK TABLE shop_note IN ACCESS EXCLUSIVE MODE")

    deploy = migrated.start("locked")
    assert "next try in 0.5 s" in deploy.stderr.readline()
    held.close()

    assert ended(deploy)[0] == 0


def test_a_migration_that_is_not_atomic_is_not_tried_again(migrated):
    held = driver.connect(migrated.url)
    held.cursor().execute("INSERT INTO shop_note (text) VALUES ('in the way')")

    code, said = migrated.deploy("locked")
    held.close()

    assert code == 4
    assert "shop.0003_index is not atomic, so it is not tried again" in said
    assert "it left the invalid index note_size: drop it" in said


def test_the_history_tells_what_became_of_each_deploy(shop):
    assert shop.deploy(command="deploys")[1] == "No deploy is recorded.\n"
    shop.deploy("bad condition")
    shop.deploy("whole")

    done, failed = shop.deploy(command="deploys")[1].splitlines()

    assert " done " in done
    assert " r1 " in done
    assert " failed " in failed
    assert failed.endswith("ValueError: no such shelf")


def test_a_preflight_finds_a_model_change_before_the_first_step(shop):
    code, said = shop.deploy("whole", "--preflight")

    assert code == 4
    assert "preflight: check --deploy failed, and nothing was run" in said


@pytest.fixture
def pooled(shop, open_folder):
    """The shop behind PgBouncer in transaction mode; its own address is `direct`."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).exists() and os.environ.get("CI") != "true":
        pytest.skip("pgbouncer is not installed")
    parts, port = urlsplit(shop.url), free_port()
    users = open_folder / "users.txt"
    users.write_text(f'"{parts.username}" "{parts.password}"\n')
    config = open_folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host=127.0.0.1 port={parts.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = scram-sha-256\n"
        f"auth_file = {users}\npool_mode = transaction\nunix_socket_dir =\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    identity = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    pooler = subprocess.Popen(
        [program, config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **identity
    )
    direct, shop.direct = shop.url, shop.url
    shop.url = parts._replace(
        netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"
    ).geturl()
    shop.wait_until(lambda: _listens(port), "pgbouncer does not listen")
    yield shop
    shop.url = direct
    pooler.terminate()
    pooler.communicate(timeout=10)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_pooler_that_hands_out_sessions_is_refused_with_the_cure(pooled):
    code, said = pooled.deploy()

    assert code == 1
    assert "set DEPLOY_DATABASE_URL to the server itself" in said

    pooled.environ["DEPLOY_DATABASE_URL"] = pooled.direct
    assert pooled.deploy()[0] == 0
    assert "end" in pooled.texts()


def test_a_pooler_is_no_obstacle_for_one_deploy_at_a_time(pooled):
    assert pooled.deploy("whole", "--no-lock")[0] == 0


def test_a_deploy_in_a_thread_leaves_signals_alone(shop):
    # Only the main thread may set handlers.
    from ixdjango.deploy.guard import guarded

    done = []

    def run():
        with guarded(None, lambda: None):
            done.append(psutil.Process().num_threads())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert done
