"""Take over what earlier releases kept.

Their servers of root ran as `nobody`, and the application was a superuser of its
PostgreSQL. The rights of the superuser that initdb makes cannot be taken away, so the
databases are dumped and restored into a new cluster. A search index is made anew.
"""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import replace
from pathlib import Path

from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account
from dev_services.machine.narrate import say
from dev_services.machine.places import folder_of
from dev_services.machine.processes import started_on
from dev_services.machine.programs import call
from dev_services.machine.sharing import alone, clear_away
from dev_services.servers.check import Address, conninfo
from dev_services.servers.elasticsearch import Node
from dev_services.servers.postgresql import ENVIRONMENT, NAME, Cluster

__all__ = ["KeptCluster", "KeptNode"]

DATABASES = """
SELECT datname FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres'
"""


class KeptCluster(Cluster):
    """A cluster whose place an earlier release may have made."""

    def start(self) -> str:
        """Take over the databases of an earlier release, if there are any, and start.

        Raises:
            ServiceError: they cannot be taken over, or the server does not start.
        """
        if self.place.is_dir() and not self.layout.exists():
            _take_over(self)
        return super().start()


class KeptNode(Node):
    """A node whose place an earlier release may have made."""

    def start(self) -> str:
        """Set aside the index of an earlier release, if there is one, and start.

        Raises:
            ServiceError: it is in use, or the server does not start.
        """
        if self.place.is_dir() and self.place.lstat().st_uid != os.geteuid():
            _refuse_if_it_runs(self.place)
            aside = _set_aside(self.place)
            say(f"the search index of an earlier release is left in {aside}: remove it")
        return super().start()


def _take_over(cluster: Cluster) -> None:
    place = cluster.place
    _refuse_if_it_runs(place)
    plain = Cluster(**vars(cluster))
    former = replace(plain, account=_owner(place, cluster.account))
    new = replace(plain, place=place.with_name(f"{place.name}.taken-over"))
    clear_away(new.place)
    try:
        new.make()
        with alone(former) as source, alone(new) as target:
            for name in _databases(cluster, source):
                _copy(new, name, source, target)
    except ServiceError as error:
        message = (
            f"the databases in {place}, which an earlier release made with rights that"
            f" are not given any more, cannot be taken over ({error}): move {place}"
            " away to begin anew. Nothing was changed."
        )
        raise ServiceError(message) from error
    aside = _set_aside(place)
    new.place.rename(place)
    say(f"took over the databases of an earlier release; they are left in {aside}, too")


def _databases(cluster: Cluster, url: str) -> list[str]:
    listed = call(
        [cluster.programs / "psql", "--no-psqlrc", "-Atq0", "-c", DATABASES],
        environ=_environment(url, NAME),
    )
    return [name for name in listed.split("\0") if name.strip()]


def _copy(new: Cluster, name: str, source: str, target: str) -> None:
    folder = folder_of(new.account, new.place / "dump")
    dump = folder / "database"
    if name != NAME:
        _run(new, "createdb", "--", name, environ=_environment(target, NAME))
    plain = ("--no-owner", "--no-privileges")
    _run(
        *(new, "pg_dump", "--format=custom", *plain, f"--file={dump}"),
        environ=_environment(source, name),
    )
    _run(
        *(new, "pg_restore", "--exit-on-error", "--single-transaction", *plain),
        *(f"--dbname={conninfo({'dbname': name})}", str(dump)),
        environ=_environment(target, name),
    )
    shutil.rmtree(folder)


def _run(
    cluster: Cluster, program: str, *arguments: str, environ: dict[str, str]
) -> None:
    call(
        [cluster.programs / program, *arguments],
        identity=cluster.account.identity,
        environ=environ,
    )


def _environment(url: str, database: str) -> dict[str, str]:
    keywords = Address.of({"DATABASE_URL": url}).keywords
    return {
        **ENVIRONMENT,
        **{f"PG{key.upper()}": keywords[key] for key in ("host", "port", "user")},
        "PGPASSWORD": keywords["password"],
        "PGDATABASE": database,
    }


def _owner(place: Path, account: Account) -> Account:
    uid = place.lstat().st_uid
    if uid == os.geteuid():
        return account
    return Account(pwd.getpwuid(uid).pw_name, account.is_roots)


def _refuse_if_it_runs(place: Path) -> None:
    if started_on(place):
        message = (
            f"a server that an earlier release started runs in {place}: end the"
            " commands that use it, and try again."
        )
        raise ServiceError(message)


def _set_aside(place: Path) -> Path:
    aside = place.with_name(f"{place.name}.earlier")
    place.rename(aside)
    descriptor = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:  # Whatever else runs as nobody has no business there.
        os.fchown(descriptor, os.geteuid(), os.getegid())
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
    return aside
