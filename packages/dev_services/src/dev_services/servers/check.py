"""Try the PostgreSQL address that the environment names, by a real connection."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path

from dev_services.environment import database_keywords
from dev_services.exceptions import ServiceError
from dev_services.machine.masking import mask
from dev_services.machine.programs import call

__all__ = ["Address", "connected_version", "conninfo", "postgresql_version"]

TIMEOUT_S = 5
DEFAULT_PORT = 5432
# Keys of Django's OPTIONS that are not libpq's.
DJANGOS_OWN = ("assume_role", "isolation_level", "pool", "server_side_binding")

# What libpq says, and what then helps. A server may answer in another language:
# its own words are shown as well.
CURES = (
    ("password authentication failed", "check the user and the password"),
    ("no password supplied", "add the password"),
    ("Connection refused", "start the server there, or correct host and port"),
    ("No such file", "start the server there, or correct the path of the socket"),
    ("translate host name", "correct the host"),
    ("Name or service not known", "correct the host"),
    ("timeout", "check host, port and firewall"),
    ("timed out", "check host, port and firewall"),
    ("does not exist", "create it, or correct the name"),
    ("pg_hba.conf", "allow this user, database and host there"),
    ("SSL", "correct sslmode"),
)


@dataclass(frozen=True)
class Address:
    """A PostgreSQL address as libpq's keywords; shown without its password."""

    keywords: Mapping[str, str]

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Address:
        """Return what Django would connect to.

        Raises:
            EnvironmentContractError: the address cannot be used.
        """
        keywords = database_keywords(environ)
        return cls({k: v for k, v in keywords.items() if k not in DJANGOS_OWN})

    @property
    def port(self) -> int:
        """The port, of TCP or in the socket's name."""
        return int(self.keywords.get("port", DEFAULT_PORT))

    def without_secrets(self, text: str) -> str:
        """Return `text`, as a driver says it, without any secret of this address."""
        for key, value in self.keywords.items():
            if "password" in key:
                text = text.replace(value, "***")
        return mask(text)

    @property
    def url(self) -> str:
        """The address without its password."""
        user, name = (self.keywords.get(key, "") for key in ("user", "dbname"))
        return f"postgresql://{user}@{self}/{name}"

    def __str__(self) -> str:
        return f"{self.keywords.get('host', '(local socket)')}:{self.port}"

    def __repr__(self) -> str:
        return f"Address({self})"


def postgresql_version(address: Address, programs: Path | None) -> str | None:
    """Return the version of the server at `address`, None where it stays unknown.

    It connects with psycopg or psycopg2, else with the psql in `programs`, else by
    TCP alone: that proves only that somebody listens.

    Raises:
        ServiceError: it cannot be reached, or refuses the user; with the cure.
    """
    try:
        return connected_version(address, programs)
    except ConnectionError as error:
        said = str(error)
        cure = next((cure for sign, cure in CURES if sign in said), "correct it")
        message = (
            f"DATABASE_URL: PostgreSQL at {address} cannot be used ({said}); {cure},"
            " or unset DATABASE_URL to have one started."
        )
        raise ServiceError(message) from None


def connected_version(address: Address, programs: Path | None) -> str | None:
    """Return what `postgresql_version` does.

    Raises:
        ConnectionError: it cannot be reached, or refuses the user; with the reason.
    """
    try:
        return _way(programs)(address)
    except Exception as error:  # noqa: BLE001  # each driver has its own root of errors
        said = _essence(address.without_secrets(str(error)))
        raise ConnectionError(said) from None


def _way(programs: Path | None) -> Callable[[Address], str | None]:
    for driver in ("psycopg", "psycopg2"):
        if util.find_spec(driver):
            return lambda address: _by_driver(driver, address)
    if programs:
        return lambda address: _by_psql(programs, address)
    return _by_socket


def _by_driver(driver: str, address: Address) -> str:
    connect = import_module(driver).connect
    keywords = {"connect_timeout": TIMEOUT_S, **address.keywords}
    connection = connect(**keywords)
    try:
        cursor = connection.cursor()
        cursor.execute("SHOW server_version")
        version: str = cursor.fetchone()[0]
    finally:
        connection.close()
    return version.split()[0]


def _by_psql(programs: Path, address: Address) -> str:
    keywords = {"connect_timeout": str(TIMEOUT_S), **address.keywords}
    password = keywords.pop("password", None)
    # A process list shows arguments, but not the environment of another user.
    secret = {"PGPASSWORD": password} if password else {}
    version = call(
        [
            *(programs / "psql", "--no-psqlrc", "--no-password", "-Atq"),
            *("-c", "SHOW server_version", "-d", conninfo(keywords)),
        ],
        environ={**os.environ, **secret},
    )
    return version.split()[0]


def conninfo(keywords: Mapping[str, str]) -> str:
    """Return the keywords as libpq's connection string."""

    def quote(value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"

    return " ".join(f"{key}={quote(value)}" for key, value in keywords.items())


def _by_socket(address: Address) -> None:
    host = address.keywords.get("host", "localhost")
    if host.startswith("/"):
        with socket.socket(socket.AF_UNIX) as local:
            local.settimeout(TIMEOUT_S)
            local.connect(f"{host}/.s.PGSQL.{address.port}")
    else:
        socket.create_connection((host, address.port), TIMEOUT_S).close()


def _essence(said: str) -> str:
    # "connection to server at ... failed: FATAL:  role ... does not exist", then
    # hints, and the same again for each address of the host.
    first = (said.strip().splitlines() or ["no reason given"])[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
