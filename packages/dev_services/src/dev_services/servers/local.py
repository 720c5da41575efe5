"""Look for servers that run on this machine already and are meant for the project.

A PostgreSQL counts only if it has the project's database for us: whoever made that
means it to be used. Nothing is changed.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from urllib.parse import quote

from dev_services.choose.choice import Local
from dev_services.exceptions import ServiceError
from dev_services.servers.check import Address, connected_version
from dev_services.servers.redis_protocol import RedisAddress, redis_version
from dev_services.servers.search_http import SearchAddress, search_version

__all__ = ["local_elasticsearch", "local_postgresql", "local_redis"]

SOCKET_FOLDERS = ("/run/postgresql", "/tmp")  # noqa: S108  # only looked into
SEARCH_URL = "http://127.0.0.1:9200"
REDIS_URL = "redis://127.0.0.1:6379/0"


def local_postgresql(
    name: str, environ: Mapping[str, str], programs: Path | None
) -> Local:
    """Return the local PostgreSQL that has the database `name` for us.

    It is asked for as the role `name` and as our own, without a password but that of
    libpq's password file. `PGHOST` and `PGPORT` of libpq say where it is.
    """
    said = {}
    for host, port, user in _candidates(name, environ):
        address = Address({"host": host, "port": port, "user": user, "dbname": name})
        try:
            version = connected_version(address, programs)
        except ConnectionError as error:
            said[f"{address}"] = str(error)
            continue
        if version is None:
            return Local(why="no driver is installed to ask it")
        where = f"{quote(host, safe='')}:{port}"
        url = f"postgresql://{quote(user, safe='')}@{where}/{quote(name, safe='')}"
        return Local(url, version)
    return Local(why="; ".join(f"{where}: {why}" for where, why in said.items()))


def _candidates(
    name: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    port = environ.get("PGPORT", "5432")
    sockets = (
        folder
        for folder in SOCKET_FOLDERS
        if Path(folder, f".s.PGSQL.{port}").is_socket()
    )
    hosts = [environ["PGHOST"]] if environ.get("PGHOST") else [*sockets, "127.0.0.1"]
    for host, user in product(hosts, dict.fromkeys((name, getpass.getuser()))):
        yield host, port, user


def local_elasticsearch() -> Local:
    """Return the Elasticsearch that answers at its usual port without a password."""
    try:
        return Local(SEARCH_URL, search_version(SearchAddress.of(SEARCH_URL)))
    except ServiceError as error:
        return Local(why=_reason(error))


def local_redis() -> Local:
    """Return the Redis that answers at its usual port without a password."""
    try:
        return Local(
            REDIS_URL, redis_version(RedisAddress.of({"REDIS_URL": REDIS_URL}))
        )
    except ServiceError as error:
        return Local(why=_reason(error))


def _reason(error: ServiceError) -> str:
    return str(error).partition(" cannot be used (")[2].partition(");")[0]
