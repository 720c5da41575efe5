"""A real Redmine for the tests: Debian's code, a database and a Puma of our own.

`prepared` copies Debian's Redmine into a cache folder and fills a database once;
`Redmine` starts Puma on a copy of it. Nothing of the machine's own Redmine is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

CODE = Path("/usr/share/redmine")
SEED = Path(__file__).with_name("seed.rb")
ADMIN_KEY = "a" * 40
MANAGER_KEY = "b" * 40
START_TIMEOUT_S = 90
PREPARE_TIMEOUT_S = 180


def is_installed() -> bool:
    """Return whether Debian's Redmine and Puma are on this machine."""
    return CODE.is_dir() and all(map(shutil.which, ("ruby", "bundle", "puma")))


def prepared(seed: Path = SEED, issues: int = 60) -> Path:
    """Return a folder with Redmine's code (`root`) and a filled `seeded.sqlite`.

    It is kept in the user's cache folder until the seed, the number of issues or
    Debian's version changes; two processes may ask for it at once.
    """
    version = (CODE / "lib/redmine/version.rb").read_bytes()
    recipe = version + seed.read_bytes() + Path(__file__).read_bytes()
    digest = hashlib.sha256(recipe + str(issues).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "fieldkit-redmine" / digest
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{digest}.", dir=folder.parent))
        try:
            _prepare(made, seed, issues)
            # Refused if another process was faster: then its folder is as good.
            with contextlib.suppress(OSError):
                made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder


def _prepare(folder: Path, seed: Path, issues: int) -> None:
    root = folder / "root"
    shutil.copytree(CODE, root, symlinks=True)
    for name in ("instances", "Gemfile.lock", "config/database.yml"):
        (root / name).unlink(missing_ok=True)
    for name in ("config", "files", "log", "tmp", "public"):
        (root / "instances/default" / name).mkdir(parents=True)
    configuration = "production:\n  adapter: sqlite3\n  database: unused\n"
    (root / "instances/default/config/database.yml").write_text(configuration)
    (root / "instances/default/config/secret_key.txt").write_text("0" * 64)
    # Debian's Gemfile takes the adapter from the machine's own database.yml, if any.
    gems = ["puma"]
    if not (CODE / "config/database.yml").exists() or "sqlite3" not in (
        CODE / "config/database.yml"
    ).read_text(encoding="utf-8"):
        gems.append("sqlite3")
    (root / "Gemfile.local").write_text("".join(f'gem "{gem}"\n' for gem in gems))
    # In memory: Redmine's hundreds of small transactions would each wait for the disk.
    memory = Path("/dev/shm")
    database = (memory if memory.is_dir() else folder) / f"{folder.name}.sqlite"
    for command in (
        ["bundle", "install", "--local", "--quiet"],
        ["bundle", "exec", "rake", "db:migrate"],
        ["bundle", "exec", "rails", "runner", str(seed)],
    ):
        done = subprocess.run(
            command,
            cwd=root,
            env={**environment(root, database), "SEED_ISSUES": str(issues)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PREPARE_TIMEOUT_S,
        )
        if done.returncode:
            message = f"{' '.join(command)} failed:\n{done.stdout[:3000]}"
            database.unlink(missing_ok=True)
            raise RuntimeError(message)
    shutil.move(database, folder / "seeded.sqlite")


def environment(root: Path, database: Path) -> dict[str, str]:
    """Return the environment of every Ruby process of this Redmine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        "BUNDLE_GEMFILE": str(root / "Gemfile"),
        "DATABASE_URL": f"sqlite3:{database}",
        "LANG": "C.UTF-8",
        "RAILS_ENV": "production",
        "REDMINE_INSTANCE": "default",
        "TZ": "UTC",
    }


class Redmine:
    """A running Redmine with a copy of the seeded database.

    Args:
        folder: what `prepared` returned.
        place: a folder for the database and the log.
        threads: of each process of Puma.
        workers: processes of Puma; 0 for one without a master.
    """

    key = ADMIN_KEY

    def __init__(
        self, folder: Path, place: Path, threads: int = 8, workers: int = 0
    ) -> None:
        self.seeded = folder / "seeded.sqlite"
        self.database = place / "redmine.sqlite"
        self.log = place / "puma.log"
        self._changes = 0
        shutil.copy(self.seeded, self.database)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        root = folder / "root"
        command = ["bundle", "exec", "puma", "--quiet", "-e", "production"]
        command += ["-b", f"tcp://127.0.0.1:{self.port}", "-t", f"1:{threads}"]
        command += ["-w", str(workers)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "config.ru"],
                cwd=root,
                env=environment(root, self.database),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(self.log.read_text(errors="replace")[-3000:])
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", "/issue_statuses.json")
                connection.getresponse().read()
            except OSError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.1)
            else:
                return
            finally:
                connection.close()
        self.stop()
        message = f"Redmine did not start in {START_TIMEOUT_S} s"
        raise RuntimeError(message)

    def sql(self, statement: str, *values: object) -> list[tuple]:
        """Run SQL on the server's database and return the rows."""
        database = sqlite3.connect(self.database, timeout=30)
        with contextlib.closing(database), database:
            return database.execute(statement, values).fetchall()

    def set(self, name: str, value: object) -> None:
        """Change a setting; a running server reads them again if one is newer."""
        self._changes += 1
        later = datetime.now(timezone.utc) + timedelta(hours=self._changes)
        self.sql("DELETE FROM settings WHERE name = ?", name)
        self.sql(
            "INSERT INTO settings (name, value, updated_on) VALUES (?, ?, ?)",
            *(name, value, f"{later:%F %T}"),
        )

    def reset(self) -> None:
        """Put the seeded content back, below the running server."""
        # A transaction like any other: a copied file may bring a change counter that
        # the server has seen, and then it answers out of its own page cache.
        database = sqlite3.connect(self.database, timeout=30)
        with contextlib.closing(database), database:
            database.execute("ATTACH ? AS seeded", (str(self.seeded),))
            names = database.execute(
                "SELECT name FROM seeded.sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            for (name,) in names:
                database.execute(f'DELETE FROM main."{name}"')
                database.execute(
                    f'INSERT INTO main."{name}" SELECT * FROM seeded."{name}"'
                )
        self.set("rest_api_enabled", "1")

    def call(self, method: str, path: str, body: object = None) -> int:
        """Send a request as the administrator; return its status."""
        return self._exchange(method, path, body)[0]

    def get(self, path: str) -> dict:
        """Return the JSON of an answer, as the administrator sees it."""
        return json.loads(self._exchange("GET", path, None)[1])

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"X-Redmine-API-Key": self.key, "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        """End the server."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
