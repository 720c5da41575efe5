"""Fetch, start and stop Elastic's own build of Elasticsearch from Maven Central."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import psutil

from dev_services.choose.choice import Jdk, Release
from dev_services.choose.facts import PLUGIN_SOURCE, unpacked_folder
from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account
from dev_services.machine.narrate import say
from dev_services.machine.ownership import read_tail
from dev_services.machine.places import (
    Places,
    folder_of,
    free_port,
    installed_once,
    place_of_server,
    write_private,
)
from dev_services.machine.processes import end
from dev_services.machine.programs import call
from dev_services.servers.search_http import SearchAddress, wait_until_ready

__all__ = ["Node", "find_home"]

NAME = "fieldkit"
ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:{}:zip"
PLUGIN = "fieldkit-analysis"
# Without the second compiler it starts a quarter sooner (7.5 s, not 10 s).
JAVA_OPTIONS = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
START_TIMEOUT_S = 90  # 7 s on an idle machine of two cores, 23 s on a busy one.
STOP_TIMEOUT_S = 60
# The folders that the server writes, besides its configuration.
WRITTEN = ("data", "logs", "tmp", "run")
COPIED = ("jvm.options", "log4j2.properties", "roles.yml", "role_mapping.yml")
SETTINGS = {
    "cluster.name": NAME,
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    # A full disk of a developer's machine must not make indexes read-only.
    "cluster.routing.allocation.disk.threshold_enabled": False,
    "xpack.security.enabled": True,
    "xpack.security.autoconfiguration.enabled": False,
    "xpack.security.http.ssl.enabled": False,
    "xpack.security.transport.ssl.enabled": False,
}


@dataclass(frozen=True)
class Node:
    """An Elasticsearch in `place`, of the unpacked `home`, as `account`.

    `settings` go before ours; without any it is a cluster of one.
    """

    place: Path
    home: Path
    release: Release
    jdk: Jdk
    account: Account
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def url(self) -> str | None:
        """Return the address of the running server, with its password, or None."""
        if self._process() is None:
            return None
        port = (self.place / "port").read_text().strip()
        return f"http://{NAME}:{self._password()}@127.0.0.1:{port}"

    def start(self) -> str:
        """Start the server, wait until it can be searched, and return its address.

        Raises:
            ServiceError: it does not start or does not become ready; with the reason
                that it logged.
        """
        started_at = time.monotonic()
        self._configure()
        try:
            self._launch()
            url = self.url() or self._fail("ended at once")
            left_s = START_TIMEOUT_S - (time.monotonic() - started_at)
            wait_until_ready(SearchAddress.of(url), left_s)
        except BaseException:
            self.stop()
            raise
        took_s = time.monotonic() - started_at
        address = SearchAddress.of(url)
        say(
            f"Elasticsearch {self.release.version} started in {took_s:.1f} s at {address}"
        )
        return url

    def stop(self) -> None:
        """Stop the server if it runs."""
        process = self._process()
        if process is None:
            return
        started_at = time.monotonic()
        if not end([process], signal.SIGTERM, STOP_TIMEOUT_S):
            self._fail(f"(pid {process.pid}) does not stop")
        say(f"Elasticsearch stopped in {time.monotonic() - started_at:.1f} s")

    def _configure(self) -> None:
        if not self.place.is_dir():
            place_of_server(self.place, self.account)
        for folder in map(self._path, WRITTEN):
            if not folder.is_dir():
                folder_of(self.account, folder)
        if not self._path("password").is_file():
            self._write("password", secrets.token_hex(16))
        port = free_port()
        self._write("port", str(port))
        settings = {
            **SETTINGS,
            "http.port": port,
            "transport.port": free_port(),
            "path.data": str(self._path("data")),
            "path.logs": str(self._path("logs")),
            **self.settings,
        }
        # JSON is YAML, and quotes every path.
        lines = (f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
        files = {
            "elasticsearch.yml": "".join(lines),
            "users": f"{NAME}:{_hashed(self._password())}\n",
            "users_roles": f"superuser:{NAME}\n",
        }
        for name in COPIED:
            files[name] = (self.home / "config" / name).read_text()
        self._write_config(files)

    def _write_config(self, files: Mapping[str, str]) -> None:
        # The server writes its keystore in this folder, so it is given away: made anew
        # each time, whole before anybody else may enter it.
        config = self._path("config")
        shutil.rmtree(config, ignore_errors=True)
        config.mkdir(mode=0o700)
        with self.account.owning(config) as folder:
            for name, text in files.items():
                write_private(Path(name), text, account=self.account, folder=folder)

    def _launch(self) -> None:
        self._pid_file.unlink(missing_ok=True)
        call(
            [self.home / "bin" / "elasticsearch", "-d", "-p", self._pid_file],
            identity=self.account.identity,
            environ={
                "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                "ES_JAVA_HOME": str(self.jdk.home),
                "ES_JAVA_OPTS": JAVA_OPTIONS,
                "ES_PATH_CONF": str(self._path("config")),
                "ES_TMPDIR": str(self._path("tmp")),
                # The launcher leaves a file in its temporary folder at each start.
                "JDK_JAVA_OPTIONS": f'-Djava.io.tmpdir="{self._path("tmp")}"',
            },
            timeout_s=START_TIMEOUT_S,
        )

    def _process(self) -> psutil.Process | None:
        # A pid may belong to another process by now; the server names its place.
        try:
            process = psutil.Process(int(read_tail(self._pid_file)))
            is_ours = process.uids().effective == self.account.uid
            is_named = any(f"{self.place}/" in word for word in process.cmdline())
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return process if is_ours and is_named else None

    @property
    def _pid_file(self) -> Path:
        return self._path("run") / "pid"

    def _password(self) -> str:
        return self._path("password").read_text().strip()

    def _path(self, name: str) -> Path:
        return self.place / name

    def _write(self, name: str, text: str) -> None:
        write_private(self._path(name), text)

    def _fail(self, what: str) -> NoReturn:
        message = f"Elasticsearch in {self.place} {what} (logs: {self._path('logs')})."
        raise ServiceError(message)


def _hashed(password: str) -> str:
    # The form of Elasticsearch's own `elasticsearch-users`, which would show the
    # password in the process list.
    salt = secrets.token_bytes(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 10_000, 32)
    coded = (base64.b64encode(part).decode() for part in (salt, digest))
    return "{PBKDF2}10000$" + "$".join(coded)


def find_home(release: Release, jdk: Jdk, places: Places) -> Path:
    """Return the unpacked Elasticsearch with our plug-in, fetched the first time.

    Raises:
        ServiceError: Maven or the compiler fails, or the archive is another one.
    """

    def install(folder: Path) -> None:
        say(f"Elasticsearch {release.version}: fetching it, once (about 130 MB)")
        _fetch(release, folder)
        archive = folder / f"elasticsearch-{release.version}.zip"
        _verify(archive, release)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        archive.unlink()
        home = folder / archive.stem
        for script in (home / "bin").iterdir():  # zipfile forgets modes.
            script.chmod(0o755)
        _add_plugin(home, release, jdk)

    folder = unpacked_folder(places, release)
    places.prepare_binaries()
    installed_once(folder, install)
    return folder / f"elasticsearch-{release.version}"


def _fetch(release: Release, folder: Path) -> None:
    try:
        call(
            [
                *("mvn", "-q", "-B", "dependency:copy"),
                f"-Dartifact={ARTIFACT.format(release.version)}",
                f"-DoutputDirectory={folder}",
            ]
        )
    except ServiceError as error:
        message = (
            f"Elasticsearch {release.version} cannot be fetched: {error};"
            " do without it by --services postgresql, or set ELASTICSEARCH_URL."
        )
        raise ServiceError(message) from error


def _verify(archive: Path, release: Release) -> None:
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != release.sha256:
        message = (
            f"{archive.name} from Maven is not the archive that this release of"
            f" dev_services knows (SHA-256 {digest.hexdigest()}): remove it from Maven's"
            " local repository and try again, or set ELASTICSEARCH_URL."
        )
        raise ServiceError(message)


def _add_plugin(home: Path, release: Release, jdk: Jdk) -> None:
    folder = home / "plugins" / PLUGIN
    classes = folder / "classes"
    classes.mkdir(parents=True)
    call(
        [
            *(jdk.home / "bin" / "javac", "--release", str(release.java)),
            *("-proc:none", "-cp", f"{home}/lib/*", "-d", classes, PLUGIN_SOURCE),
        ]
    )
    with zipfile.ZipFile(folder / f"{PLUGIN}.jar", "w") as jar:
        for path in sorted(classes.rglob("*.class")):
            jar.write(path, path.relative_to(classes))
    shutil.rmtree(classes)
    descriptor = {
        "name": PLUGIN,
        "description": "Analysis that Wagtail asks for",
        "version": "1",
        "classname": "org.fieldkit.FieldkitAnalysisPlugin",
        "java.version": str(release.java),
        "elasticsearch.version": release.version,
    }
    lines = (f"{key}={value}\n" for key, value in descriptor.items())
    (folder / "plugin-descriptor.properties").write_text("".join(lines))
