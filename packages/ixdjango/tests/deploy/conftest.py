"""A database and a folder for a shop, and its containers: processes that deploy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.drivers import ask

TIMEOUT_S = 120
PACKAGE = Path(__file__).parents[2]


@dataclass
class Shop:
    """A shop: `url` is its database, None for SQLite; `environ` is its containers'."""

    folder: Path
    url: str | None
    environ: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen] = field(default_factory=list)
    enter: tuple[str, ...] = ()

    def start(self, steps: str = "whole", *arguments: str, command="deploy"):
        names = ("DATABASE_URL", "DB_DEFAULT_URL", "DEPLOY_DATABASE_URL", "GITHUB_SHA")
        environ = {k: v for k, v in os.environ.items() if k not in names}
        environ |= {"SHOP_FOLDER": str(self.folder), "SHOP_STEPS": steps}
        environ |= {"DJANGO_SETTINGS_MODULE": "tests.deploy.shop.settings"}
        environ |= {"PYTHONPATH": str(PACKAGE), "REVISION": "r1"}
        if self.url:
            environ["DATABASE_URL"] = self.url
        process = subprocess.Popen(
            [*self.enter, sys.executable, "-m", "ixdjango", command, *arguments],
            env=environ | self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.started.append(process)
        return process

    def deploy(self, steps: str = "whole", *arguments: str, command="deploy"):
        """Deploy to the end; return the exit code and what was printed."""
        return ended(self.start(steps, *arguments, command=command))

    def texts(self) -> list[str]:
        """Return what was noted, in order."""
        query = "SELECT string_agg(text, ',' ORDER BY id) FROM shop_note"
        return (ask(self.url, query) or "").split(",")

    def wait_until(self, is_so, what: str):
        ends_at = time.monotonic() + TIMEOUT_S
        while not (found := is_so()):
            assert time.monotonic() < ends_at, what
            time.sleep(0.01)
        return found

    def wait_for_a_waiting_leader(self) -> int:
        """Wait until a leader is in the step that waits; return its pid."""
        (path,) = self.wait_until(
            lambda: list(self.folder.glob("waits-*")), "no leader waits"
        )
        return int(path.name.removeprefix("waits-"))

    def let_go(self):
        (self.folder / "go").touch()


def ended(process: subprocess.Popen) -> tuple[int, str]:
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out + err


@pytest.fixture
def open_folder():
    """A folder that another account may enter: pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="deploy-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(tmp_path):
    server, name = os.environ["DATABASE_URL"], f"shop_{uuid.uuid4().hex[:12]}"
    ask(server, f"CREATE DATABASE {name} STRATEGY file_copy")
    made = Shop(tmp_path, urlsplit(server)._replace(path=f"/{name}").geturl())
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
    ask(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_shop(tmp_path):
    made = Shop(tmp_path, None)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
