"""A connection of the deploy's own, beside Django's: steps may close those."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

import dj_database_url
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from django.utils.connection import ConnectionDoesNotExist

from ixdjango.exceptions import DatabaseDownError, DeployConfigurationError
from ixdjango.masking import describe_error

__all__ = ["connect", "is_pooled", "own_connection"]

PAUSE_S = 0.25
# libpq gives up a silent server after 3 s, and the server a silent client.
CLIENT_OPTIONS = {
    "keepalives": 1,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 2000,
    "connect_timeout": 5,
}
SERVER_SETTINGS = {
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "2000",
    "idle_session_timeout": "0",
    "lock_timeout": "0",
    "statement_timeout": "0",
    "client_connection_check_interval": "250",
}


def own_connection(environ: Mapping[str, str]) -> BaseDatabaseWrapper:
    """Return a new, closed connection to the database that deploys agree in.

    That is `DEPLOY_DATABASE_URL`, which leads past a PgBouncer, or the alias of the
    setting `IXDJANGO_DEPLOY_DATABASE`, or the default one.

    Raises:
        DeployConfigurationError: the URL or the alias cannot be used.
    """
    alias = getattr(settings, "IXDJANGO_DEPLOY_DATABASE", DEFAULT_DB_ALIAS)
    try:
        # Receivers of connection_created look the alias up.
        own = connections[alias].copy()
    except (ConnectionDoesNotExist, ImproperlyConfigured) as error:
        message = f"IXDJANGO_DEPLOY_DATABASE: {describe_error(error)}"
        raise DeployConfigurationError(message) from error
    if url := environ.get("DEPLOY_DATABASE_URL"):
        own.settings_dict.update(_parsed(url))
    own.settings_dict.update(AUTOCOMMIT=True, CONN_MAX_AGE=None, ATOMIC_REQUESTS=False)
    if own.vendor == "postgresql":
        options = {**own.settings_dict.get("OPTIONS", {}), **CLIENT_OPTIONS}
        options.pop("pool", None)  # It would hand the lock to somebody else.
        options["application_name"] = (
            f"deploy {socket.gethostname()[:30]}:{os.getpid()}"
        )
        own.settings_dict["OPTIONS"] = options
    return own


def _parsed(url: str) -> dict[str, Any]:
    try:
        parsed = dict(dj_database_url.parse(url))
    except (ValueError, KeyError, dj_database_url.ParseError) as error:
        message = (
            "DEPLOY_DATABASE_URL cannot be parsed; write"
            " postgresql://USER:PASSWORD@HOST:PORT/NAME and percent-encode special"
            " characters in the password."
        )
        # The parser quotes the URL, password and all: not chained on purpose.
        raise DeployConfigurationError(message) from type(error)()
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return {name: parsed[name] for name in names if name in parsed}


def connect(own: BaseDatabaseWrapper, wait_s: float) -> None:
    """Open the connection; try again for `wait_s` seconds.

    Raises:
        DatabaseDownError: it does not answer in that time.
    """
    ends_at = time.monotonic() + wait_s
    while error := _failure(own):
        if time.monotonic() > ends_at:
            message = (
                f"the database did not answer within {wait_s:g} s: {error}; check"
                " DATABASE_URL, or wait longer with --wait-db."
            )
            raise DatabaseDownError(message)
        time.sleep(PAUSE_S)
    if own.vendor == "postgresql":
        with own.cursor() as cursor:
            # Older servers, and others' builds, lack some of them.
            cursor.execute(
                "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[])"
                " AS wanted(name, value) JOIN pg_settings USING (name)",
                [list(SERVER_SETTINGS), list(SERVER_SETTINGS.values())],
            )


def _failure(own: BaseDatabaseWrapper) -> str | None:
    try:
        own.ensure_connection()
    except OperationalError as error:
        return describe_error(error)
    except ImproperlyConfigured as error:
        raise DeployConfigurationError(describe_error(error)) from error
    return None


def is_pooled(own: BaseDatabaseWrapper) -> bool:
    """Whether something between us and PostgreSQL hands out its sessions.

    A pooler such as PgBouncer answers with a process id of its own.
    """
    raw: Any = own.connection
    info = getattr(raw, "info", raw)
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return bool(cursor.fetchone()[0] != info.backend_pid)
