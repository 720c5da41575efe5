"""Run the site as its users do: a process of its own on a database of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import OperationalError, connection

from ixdjango.environment import database_url, search_urls

MANAGE = str(Path(__file__).resolve().parent.parent / "manage.py")
# What the environment of a developer must not decide for a test.
_FOREIGN = {"DB_DEFAULT_URL", "ELASTICSEARCH_URLS", "JOB_FEED_TOKEN", "PORT"}


def manage(
    *arguments: str, environ: dict[str, str], **options: Any
) -> subprocess.Popen[str]:
    """Start a management command; its streams are pipes unless `options` say else."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(
        [sys.executable, MANAGE, *arguments],
        env=environ,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def run(*arguments: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """Return the exit code, the output and the errors of a management command."""
    with manage(*arguments, environ=environ) as process:
        output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def environment(**variables: str) -> dict[str, str]:
    """Return our environment without what is foreign, and with `variables`."""
    ours = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {
        **ours,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        # Its asyncio logs each slow step, and on a busy machine there is one.
        "PYTHONDEVMODE": "",
        # Wagtail leaves the temporary file of a rendition to the garbage collector.
        "PYTHONWARNINGS": "ignore:Unclosed file <tempfile:ResourceWarning",
        **variables,
    }


def drop_indexes(prefix: str) -> None:
    """Delete the Elasticsearch indexes whose names begin with `prefix`."""
    from elasticsearch import Elasticsearch

    with Elasticsearch(list(search_urls(os.environ))) as client:
        names = list(client.indices.get(index=f"{prefix}*"))
        if names:
            client.indices.delete(index=",".join(names))


@dataclass(frozen=True)
class Site:
    """A running `manage.py demo`: what it printed until it was ready."""

    process: subprocess.Popen[str]
    environ: dict[str, str]
    output: str
    errors: Path

    @property
    def address(self) -> str:
        return re.findall(r"http://127\.0\.0\.1:\d+", self.output)[0]

    @property
    def password(self) -> str:
        return re.findall(r"password (\S+) \(", self.output)[0]

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit code and what was printed after it."""
        self.process.send_signal(signal.SIGINT)
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output


def start(environ: dict[str, str], errors: Path) -> Site:
    """Start the demo on a free port and return it when it serves."""
    with errors.open("w") as stderr:
        process = manage("demo", "--port=0", environ=environ, stderr=stderr)
    output = ""
    for line in process.stdout:
        output += line
        if line.startswith("  edit: "):
            return Site(process, environ, output, errors)
    process.communicate()
    raise AssertionError(output + errors.read_text())


class Sites:
    """Running sites by their search back end."""

    def __init__(self, folder: Path, django_db_blocker: Any) -> None:
        self._folder = folder
        self._blocker = django_db_blocker
        self._running: dict[str, Site] = {}

    def __getitem__(self, back_end: str) -> Site:
        if back_end not in self._running:
            self._running[back_end] = self._start(back_end)
        return self._running[back_end]

    def _start(self, back_end: str) -> Site:
        name = self._name(back_end)
        self._execute(f'CREATE DATABASE "{name}"')
        url = urlsplit(database_url(os.environ))._replace(path=f"/{name}").geturl()
        environ = environment(
            DATABASE_URL=url,
            SEARCH_INDEX_PREFIX=f"{name}_",
            TEST_SITE_FILES=str(self._folder / back_end),
        )
        if back_end == "database":
            environ.pop("ELASTICSEARCH_URL", None)
        site = start(environ, self._folder / f"{back_end}.log")
        if back_end == "database":
            self._keep_seed(environ)
        return site

    def _keep_seed(self, environ: dict[str, str]) -> None:
        """Copy the site as it was deployed: later tests edit the one that is served."""
        name = self._name("database")
        # PostgreSQL copies no database that somebody is connected to, and the devices
        # of the site connect again at once.
        for attempt in range(20):
            self._execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{name}'"
            )
            try:
                self._execute(f'CREATE DATABASE "{name}_seed" TEMPLATE "{name}"')
            except OperationalError:
                if attempt == 19:
                    raise
            else:
                break
        shutil.copytree(environ["TEST_SITE_FILES"], self._folder / "seed")

    @contextmanager
    def copied(self, folder: Path, name: str) -> Iterator[dict[str, str]]:
        """Give the environment of a copy of the deployed site, which nobody serves."""
        environ, database = self["database"].environ, self._name("database")
        self._execute(f'CREATE DATABASE "{database}_{name}" TEMPLATE "{database}_seed"')
        files = shutil.copytree(self._folder / "seed", folder / "site")
        yield {
            **environ,
            "DATABASE_URL": f"{environ['DATABASE_URL']}_{name}",
            "TEST_SITE_FILES": str(files),
        }
        self._execute(f'DROP DATABASE "{database}_{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop every site and remove what it stored."""
        for back_end, site in self._running.items():
            site.interrupt()
            self._execute(f'DROP DATABASE "{self._name(back_end)}" WITH (FORCE)')
            if back_end == "database":
                self._execute(f'DROP DATABASE "{self._name(back_end)}_seed"')
            if back_end == "elasticsearch":
                drop_indexes(f"{self._name(back_end)}_")

    def _name(self, back_end: str) -> str:
        return f"fieldkit_site_{os.getpid()}_{back_end}"

    def _execute(self, statement: str) -> None:
        def execute() -> None:
            with closing(connection), connection.cursor() as cursor:
                cursor.execute(statement)

        # Playwright keeps an event loop in our thread, and Django has no ORM there.
        with self._blocker.unblock(), ThreadPoolExecutor() as pool:
            pool.submit(execute).result()
