from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

import pytest
import redis as client

from dev_services.exceptions import EnvironmentContractError, ServiceError
from dev_services.machine.sharing import alone
from dev_services.plan import Plan
from dev_services.provide import provide, reports
from dev_services.servers.redis import RedisServer
from dev_services.servers.redis_protocol import RedisAddress, redis_version

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None and os.environ.get("CI") != "true",
    reason="redis-server is not on PATH",
)


@pytest.fixture
def server(our_places):
    made = RedisServer(
        our_places.kept / "redis", shutil.which("redis-server"), our_places.account
    )
    yield made
    made.stop()
    shutil.rmtree(our_places.kept)


def address_of(url: str) -> RedisAddress:
    return RedisAddress.of({"REDIS_URL": url})


def set_and_get(url: str, value: str | None = None) -> str | None:
    with client.Redis.from_url(url, decode_responses=True) as connected:
        if value:
            connected.set("key", value)
        return connected.get("key")


def test_what_is_written_is_there_after_a_restart(server):
    with alone(server) as url:
        set_and_get(url, "kept")

    with alone(server) as url:
        assert set_and_get(url) == "kept"


def test_a_server_that_was_killed_keeps_what_it_acknowledged(server):
    set_and_get(server.start(), "kept")
    process = server._process()
    process.send_signal(signal.SIGKILL)
    process.wait(10)

    assert set_and_get(server.start()) == "kept"


def test_nobody_gets_in_without_the_password(server):
    url = server.start()
    open_address = url.replace(url.partition("//")[2].partition("@")[0] + "@", "")

    with pytest.raises(ServiceError, match="it wants a password"):
        redis_version(address_of(open_address))
    with pytest.raises(ServiceError, match="wrong user or password") as caught:
        redis_version(address_of(url.replace(":127", "").replace("@", "no@")))
    assert "no@" not in str(caught.value)


def test_the_password_is_in_no_argument_and_no_message(server, capfd):
    url = server.start()
    password = url.rpartition("@")[0].rpartition(":")[2]

    assert password not in " ".join(server._process().cmdline())
    assert password not in capfd.readouterr().err


def test_a_run_gives_the_command_a_redis_and_stops_it(command_line):
    code = "import os; print(os.environ['REDIS_URL'])"

    ran = command_line(
        "run", "--services", "redis", "--throw-away", "--", sys.executable, "-c", code
    )

    assert ran.returncode == 0, ran.stderr
    assert "Redis stopped in" in ran.stderr
    with pytest.raises(client.ConnectionError):
        set_and_get(ran.stdout.strip())


def test_a_redis_whose_runner_was_killed_is_ended(command_line):
    running = command_line.start(
        *("run", "--services", "redis", "--throw-away", "--", sys.executable, "-c"),
        "import os; print(os.environ['REDIS_URL'], flush=True); input()",
    )
    url = running.stdout.readline().strip()
    running.kill()
    running.communicate(timeout=10)

    for _ in range(500):
        if subprocess.run(["pgrep", "-f", str(command_line.ground)]).returncode:
            break
        threading.Event().wait(0.02)
    with pytest.raises(client.ConnectionError):
        set_and_get(url)


def test_an_address_that_is_set_is_tried_and_used(server):
    environ = {"REDIS_URL": server.start(), "PATH": os.environ["PATH"]}

    found, start = provide(Plan(("redis",), environ))

    assert (found["REDIS_URL"], start) == (environ["REDIS_URL"], None)
    (report,) = reports(Plan(("redis",), environ))
    assert report.running
    assert report.version.count(".") == 2
    assert "@default" not in report.address


def test_an_address_where_nobody_answers_is_an_error_with_the_cure():
    with pytest.raises(ServiceError) as caught:
        provide(Plan(("redis",), {"REDIS_URL": "redis://u:s3cret@127.0.0.1:1/0"}))

    assert str(caught.value) == (
        "REDIS_URL: Redis at 127.0.0.1:1 cannot be used (Connection refused); start it"
        " there, or correct it, or unset REDIS_URL."
    )


def test_something_else_that_answers_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        port = listener.getsockname()[1]

        with pytest.raises(ServiceError, match="does not speak Redis's protocol"):
            redis_version(address_of(f"redis://127.0.0.1:{port}/0"))


@pytest.mark.parametrize(
    "url",
    [
        "http://h:1",
        "redis://",
        "redis://u:s3cret@h:no/0",
        "s3cret",
        "redis://u:a/s3cret@h",
    ],
)
def test_an_unusable_url_is_one_line_without_its_password(url):
    with pytest.raises(EnvironmentContractError) as caught:
        address_of(url)

    assert "s3cret" not in str(caught.value)


def test_without_redis_a_line_names_the_cure_and_in_ci_it_is_an_error(capsys):
    assert provide(Plan(("redis",), {"PATH": "/nowhere"})) == ({}, None)
    said = capsys.readouterr().err

    assert "redis-server is not on PATH" in said
    assert "docker run --rm --detach --publish=127.0.0.1:6379:6379 redis:8" in said
    with pytest.raises(ServiceError, match="CI=true and there is no Redis"):
        provide(Plan(("redis",), {"PATH": "/nowhere", "CI": "true"}))
