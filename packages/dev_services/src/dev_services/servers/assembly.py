"""Build the servers that a plan asks for, and hold them for one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dev_services.choose.choice import Jdk, Release
from dev_services.choose.facts import Wheel
from dev_services.machine.places import Places
from dev_services.machine.sharing import (
    Server,
    alone,
    shared,
    throw_away_directory,
)
from dev_services.servers.earlier import KeptCluster, KeptNode
from dev_services.servers.elasticsearch import find_home
from dev_services.servers.postgresql import find_programs
from dev_services.servers.redis import RedisServer

__all__ = ["MakeServer", "elasticsearch", "hold", "postgresql", "redis"]

#: Make the server that keeps its files below a folder; durable or not.
MakeServer = Callable[[Path, bool], Server]


@contextmanager
def hold(
    servers: Mapping[str, MakeServer], places: Places, *, throw_away: bool
) -> Iterator[dict[str, str]]:
    """Have the servers run within the block; give their addresses by the same names."""
    with ExitStack() as stack:
        if throw_away:
            shelf = places.prepare_throw_away()
            base, live = stack.enter_context(throw_away_directory(shelf)), alone
        else:
            places.prepare()
            base, live = places.kept, shared
        yield {
            name: stack.enter_context(live(make(base, not throw_away)))
            for name, make in servers.items()
        }


def postgresql(wheel: Wheel, places: Places) -> MakeServer:
    """Return how to make the embedded PostgreSQL."""

    def make(base: Path, durable: bool) -> Server:
        programs = find_programs(wheel, places)
        place = base / "postgresql"
        return KeptCluster(place, programs, wheel.server, places.account, durable)

    return make


def elasticsearch(release: Release, jdk: Jdk, places: Places) -> MakeServer:
    """Return how to make an Elasticsearch from Maven Central."""

    def make(base: Path, durable: bool) -> Server:
        home = find_home(release, jdk, places)
        place = base / f"elasticsearch-{release.major}"
        return KeptNode(place, home, release, jdk, places.account)

    return make


def redis(program: Path, places: Places) -> MakeServer:
    """Return how to make a Redis of the installed program."""

    def make(base: Path, durable: bool) -> Server:
        return RedisServer(base / "redis", program, places.account, durable)

    return make
