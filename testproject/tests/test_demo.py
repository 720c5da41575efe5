from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from home.server import DemoError, bind, port_from, prove
from tests.sites import Sites, environment, manage, run, start

ROOT = Path(__file__).parents[2]
README = (ROOT / "testproject" / "README.md").read_text(encoding="utf-8")


def test_the_demo_says_what_it_did_and_where_it_is(sites: Sites) -> None:
    site = sites["database"]

    steps = ["migrate", "collectstatic", "loaddata - --env", "import_pages"]
    assert all(f"] {step}" in site.output for step in steps)
    assert re.search(r"  \d\d pages, \d\d images, 40 jobs", site.output)
    assert "ready after" in site.output
    assert "WARNING" not in site.output + site.errors.read_text()
    assert site.password in site.output.splitlines()[-1]
    with urlopen(site.address) as answer:
        assert answer.status == 200


def test_a_second_demo_keeps_the_data_and_the_password(sites: Sites) -> None:
    site = sites["database"]

    code, output, errors = run("demo", "--once", environ=site.environ)

    assert code == 0, errors
    assert "password as at the first run" in output.splitlines()[-1]
    assert site.password not in output
    assert "GET / 200 Shared gardens" in output
    assert "GET /search/?q=compost 200" in output
    assert "Compost that does not smell" in output
    assert errors == ""


def test_a_deploy_that_is_repeated_shows_no_secret(sites: Sites) -> None:
    token = "of-the-jobs-board"
    environ = {**sites["database"].environ, "JOB_FEED_TOKEN": token}

    code, output, errors = run("deploy", "--force", environ=environ)

    assert code == 0, errors
    assert "Installed 2 object(s)" in output
    assert " unchanged; 31 images unchanged;" in output
    assert token not in output + errors
    assert "stdin:" not in output + errors


def test_the_command_of_the_readme_says_what_a_deploy_would_change(
    sites: Sites,
) -> None:
    [(command, path)] = re.findall(r"make manage ARGS='(loaddata .*)' < (\S+)`", README)
    token = "of-another-board"
    environ = {**sites["database"].environ, "JOB_FEED_TOKEN": token, "PORT": "8001"}

    with (ROOT / path).open() as stdin:
        process = manage(*command.split(), environ=environ, stdin=stdin)
        output, errors = process.communicate(timeout=120)

    assert (process.returncode, errors) == (0, "")
    assert "~ wagtailcore.site pk=1\n    port: *** -> ***\n" in output
    assert "    token: *** -> ***\n" in output
    assert "nothing was kept" in output


def test_ctrl_c_ends_the_demo_well(sites: Sites, tmp_path: Path) -> None:
    site = start(sites["database"].environ, tmp_path / "errors")
    urlopen(site.address).close()

    # What was asked for is not logged: it would push the password off the screen.
    assert (tmp_path / "errors").read_text() == ""
    assert site.interrupt() == (0, "\nStopped.\n")


def test_a_deploy_without_the_feed_token_says_which_variable(sites: Sites) -> None:
    code, _, errors = run("deploy", "--force", environ=sites["database"].environ)

    assert code == 4
    assert "JOB_FEED_TOKEN is unset: set it to the secret" in errors


def test_a_demo_without_a_database_says_how_to_get_one() -> None:
    code, output, errors = run("demo", environ=environment(DATABASE_URL=""))

    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert "DATABASE_URL is not set; `make demo` starts" in errors


def test_a_taken_port_is_said_before_anything_is_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, output, errors = run("demo", f"--port={port}", environ=environment())

    us = f"{psutil.Process().name()} (process {os.getpid()})"
    assert (code, output) == (1, "")
    assert errors == (
        f"CommandError: cannot serve on port {port}: it is taken by {us};"
        f" try make demo PORT={port + 1}.\n"
    )


@pytest.mark.parametrize("port", ["99999", "-1", "http", "²"])
def test_what_is_no_port_is_one_line_with_a_cure(port: str) -> None:
    with pytest.raises(DemoError) as caught:
        port_from(port)

    assert str(caught.value) == (
        f"port {port!r} is not a number from 1 to 65535; try make demo PORT=8001."
    )


def test_the_last_port_has_no_next_one() -> None:
    with (
        socket.create_server(("127.0.0.1", 65535)),
        pytest.raises(DemoError, match=r"try make demo PORT=8001\."),
    ):
        bind(65535)


def test_a_port_of_a_process_that_cannot_be_seen_is_another_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, "net_connections", lambda kind: [])
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(DemoError, match="a process of another user"),
    ):
        bind(taken.getsockname()[1])


def test_a_page_that_does_not_answer_proves_nothing() -> None:
    with bind(0) as server:
        port = server.server_port

    with pytest.raises(DemoError, match="does not show a page"):
        prove(f"http://127.0.0.1:{port}/")
