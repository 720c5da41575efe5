"""Talk to Redis as far as finding out whether it can be used.

Source: the Redis serialization protocol, RESP2.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedRWPair
from urllib.parse import unquote

from dev_services.environment import redis_url, split_url
from dev_services.exceptions import ServiceError

__all__ = ["RedisAddress", "redis_version", "wait_until_ready"]

TIMEOUT_S = 5
POLL_S = 0.02
DEFAULT_PORT = 6379


class _RefusedError(Exception):
    """Redis answered with an error."""


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis answers; shown without its password.

    `path` is that of a Unix socket, and `host` is empty then.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    has_tls: bool = False
    path: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> RedisAddress:
        """Return the parts of `REDIS_URL`.

        Raises:
            EnvironmentContractError: it cannot be used.
        """
        parts = split_url(redis_url(environ) or "")
        return cls(
            parts.hostname or "",
            parts.port or DEFAULT_PORT,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            parts.scheme == "rediss",
            unquote(parts.path) if parts.scheme == "unix" else "",
        )

    @property
    def url(self) -> str:
        """The address without its password."""
        scheme = "unix" if self.path else "rediss" if self.has_tls else "redis"
        user = f"{self.user}@" if self.user else ""
        return f"{scheme}://{user}{self}"

    def connect(self) -> socket.socket:
        """Return a connected socket.

        Raises:
            OSError: nobody listens there, or its certificate is not trusted.
        """
        if self.path:
            local = socket.socket(socket.AF_UNIX)
            local.settimeout(TIMEOUT_S)
            local.connect(self.path)
            return local
        plain = socket.create_connection((self.host, self.port), TIMEOUT_S)
        if not self.has_tls:
            return plain
        return ssl.create_default_context().wrap_socket(
            plain, server_hostname=self.host
        )

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"RedisAddress({self})"


def redis_version(address: RedisAddress) -> str | None:
    """Return the version of the server at `address`; None if it does not tell.

    Raises:
        ServiceError: it cannot be reached, or refuses the user; with the cure.
    """
    try:
        with address.connect() as connection, connection.makefile("rwb") as file:
            if address.password:
                login = [word for word in (address.user, address.password) if word]
                _call(file, "AUTH", *login)
            _call(file, "PING")
            try:
                said = _call(file, "INFO", "server")
            except _RefusedError:  # A user may be allowed to ping and not to ask.
                return None
    except (OSError, ValueError, _RefusedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = (
            f"REDIS_URL: Redis at {address} cannot be used ({reason}); start it there,"
            " or correct it, or unset REDIS_URL."
        )
        raise ServiceError(message) from None
    lines = dict(line.partition(":")[::2] for line in said.splitlines())
    return lines.get("redis_version")


def wait_until_ready(address: RedisAddress, timeout_s: float) -> None:
    """Wait until the server has read its data and answers.

    Raises:
        ServiceError: it does not answer in time; with its last answer.
    """
    ends_at = time.monotonic() + timeout_s
    while not _answers(address, is_last=time.monotonic() > ends_at):
        time.sleep(POLL_S)


def _answers(address: RedisAddress, *, is_last: bool) -> bool:
    try:
        redis_version(address)
    except ServiceError:
        if is_last:
            raise
        return False
    return True


def _call(file: BufferedRWPair, *words: str) -> str:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    file.write(b"".join(parts))
    file.flush()
    kind, line = file.read(1), file.readline().rstrip(b"\r\n")
    if kind == b"$":
        return file.read(int(line) + 2)[:-2].decode(errors="replace")
    if kind == b"-":
        # The words of an error may repeat what was sent.
        raise _RefusedError(_reason(line.decode(errors="replace")))
    if kind != b"+":
        message = "it does not speak Redis's protocol"
        raise ValueError(message)
    return line.decode(errors="replace")


def _reason(line: str) -> str:
    known = {
        "NOAUTH": "it wants a password",
        "WRONGPASS": "wrong user or password",
        "LOADING": "it is still reading its data",
        "NOPERM": "the user may not do this",
    }
    return known.get(line.partition(" ")[0], "it refuses the login")
