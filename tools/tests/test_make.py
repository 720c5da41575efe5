"""What make says when something is not as it should be: one line, with a cure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from readme import ROOT
from search_client import problem_of


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with a Makefile and a .venv that was made there."""
    folder = tmp_path / "a clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (folder / "tools").mkdir()
    for name in ("Makefile", "uv.lock", "tools/check_python.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv" / "made").write_text(f"{folder.resolve()}\n")
    return folder


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={
            k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_search_that_does_not_exist_is_refused(clone: Path) -> None:
    done = make(clone, "demo", "SEARCH=elastic")

    line, end = done.stderr.splitlines()
    assert line == "SEARCH is elastic; give SEARCH=database or SEARCH=elasticsearch."
    assert end.startswith("make: ***")


def test_a_venv_that_was_made_here_is_kept(clone: Path) -> None:
    assert "-m venv" not in make(clone, "-n", "lint").stdout


def test_the_venv_of_a_renamed_clone_is_made_again(clone: Path) -> None:
    renamed = clone.rename(clone.with_name("another name"))

    assert "python3 -m venv .venv" in make(renamed, "-n", "lint").stdout


def test_a_venv_without_its_python_is_made_again(clone: Path) -> None:
    (clone / ".venv" / "bin" / "python").unlink()

    assert "python3 -m venv .venv" in make(clone, "-n", "lint").stdout


def test_the_environment_chooses_the_search_and_the_command_line_wins(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:9200")

    named = make(clone, "-n", "demo").stdout
    overruled = make(clone, "-n", "demo", "SEARCH=database").stdout

    assert "--services postgresql,elasticsearch" in named
    assert "env -u ELASTICSEARCH_URL" not in named
    assert "env -u ELASTICSEARCH_URL" in overruled
    assert "elasticsearch" not in overruled.rpartition("--services")[2]


def test_every_line_of_the_help_names_a_target(clone: Path) -> None:
    targets = [line.split()[1] for line in make(clone).stdout.splitlines()]

    assert targets == ["demo", "manage", "test", "lint", "bench"]


def search_client(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "search_client.py", *options],
        env={**os.environ, "ELASTICSEARCH_URLS": "", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:1", "Elasticsearch at 127.0.0.1:1 cannot be used"),
        ("nonsense", "write http://USER:PASSWORD@HOST:PORT"),
    ],
)
def test_an_elasticsearch_that_cannot_be_used_is_one_line(url: str, said: str) -> None:
    done = search_client(ELASTICSEARCH_URL=url)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr


class Old(BaseHTTPRequestHandler):
    """An Elasticsearch of a version that has no client here."""

    def do_GET(self) -> None:
        body = b'{"version": {"number": "7.17.0"}, "tagline": "You Know, for Search"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_an_elasticsearch_without_a_client_is_one_line() -> None:
    with HTTPServer(("127.0.0.1", 0), Old) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = search_client(ELASTICSEARCH_URL=url)
        server.shutdown()

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "name one of version 8 or 9" in done.stderr


NOTHING = {
    "major": None,
    "problem": None,
    "rejected": [{"provider": "maven", "why": "Maven (mvn) is not on PATH"}],
}


def test_a_search_that_was_asked_for_and_cannot_be_started_is_told() -> None:
    assert problem_of(NOTHING, is_required=False) is None
    assert problem_of(NOTHING, is_required=True) == (
        "there is no Elasticsearch: Maven (mvn) is not on PATH. Mend one of these, or"
        " leave out SEARCH=elasticsearch to search with the database."
    )


def test_arguments_for_pytest_turn_coverage_off() -> None:
    done = subprocess.run(
        [sys.executable, "tools/test.py", "packages/ixdjango", "--", "-k", "dry_run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout
    assert "Required test coverage" not in done.stdout
