"""Serve the site on loopback with uvicorn, pages and devices, and prove it."""

from __future__ import annotations

import errno
import html
import logging
import re
import socket
from importlib import import_module
from types import TracebackType
from urllib.request import urlopen

import psutil
import uvicorn
from django.conf import settings

from devices.wire.limits import MAX_FRAME_BYTES

__all__ = ["HOST", "DemoError", "DemoServer", "bind", "port_from", "prove"]

HOST = "127.0.0.1"
FIRST_FREE_PORT, LAST_PORT = 1024, 65535  # Those below are for root.


class DemoError(Exception):
    """The demo cannot be shown: the text says why, in one line."""


class _Failures(logging.Filter):
    """Lets the requests pass that failed: the others push the password off the screen."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Look at the status, which is the last argument."""
        arguments = record.args
        status = str(arguments[-1]) if isinstance(arguments, tuple) else ""
        return not status.startswith(("2", "3"))


class DemoServer:
    """Holds a port from the beginning, and answers once the site is loaded."""

    def __init__(self, listener: socket.socket, *, is_quiet: bool) -> None:
        self._listener = listener
        self.server_port: int = listener.getsockname()[1]  # Also once it is closed.
        self._is_quiet = is_quiet
        self._server: uvicorn.Server | None = None

    def __enter__(self) -> DemoServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.close()

    def load(self) -> None:
        """Load the site.

        Not done before the deploy: WhiteNoise lists the static files once.
        """
        module, _, name = settings.ASGI_APPLICATION.rpartition(".")
        config = uvicorn.Config(
            getattr(import_module(module), name),
            log_config=None,
            log_level="warning" if self._is_quiet else "info",
            # Twice: what is a little too large gets its own code from the application.
            ws_max_size=2 * MAX_FRAME_BYTES,
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,
        )
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        access = logging.getLogger("uvicorn.access")
        access.handlers = [handler]
        access.propagate = False
        access.setLevel(logging.INFO)
        if self._is_quiet:
            handler.addFilter(_Failures())
        self._server = uvicorn.Server(config)

    def serve_forever(self) -> None:
        """Answer until `shutdown`, or Ctrl-C."""
        if self._server:
            self._server.run(sockets=[self._listener])

    def shutdown(self) -> None:
        """Let `serve_forever` return."""
        if self._server:
            self._server.should_exit = True


def port_from(text: str) -> int:
    """Return the port that the command line gives; 0 means any free one.

    Raises:
        DemoError: it is not the number of a port.
    """
    if not (text.isascii() and text.isdecimal() and int(text) <= LAST_PORT):
        message = f"port {text!r} is not a number from 1 to {LAST_PORT}; {_cure(0)}"
        raise DemoError(message)
    return int(text)


def bind(port: int, *, is_quiet: bool = True) -> DemoServer:
    """Return a server that holds `port` and does not answer yet.

    Args:
        port: 0 means any free one; `server_port` of the result tells which.
        is_quiet: log failed requests only.

    Raises:
        DemoError: something else listens there, or the port is not for us.
    """
    try:
        listener = socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        reason = error.strerror
        if error.errno == errno.EADDRINUSE:
            reason = f"it is taken by {_holder(port)}"
        message = f"cannot serve on port {port}: {reason}; {_cure(port + 1)}"
        raise DemoError(message) from error
    return DemoServer(listener, is_quiet=is_quiet)


def prove(url: str) -> str:
    """Fetch `url` and return its status, title and first headings in one line.

    Raises:
        DemoError: nothing answers, or with an error.
    """
    try:
        with urlopen(url, timeout=30) as answer:  # noqa: S310 - always http, ours
            status, text = answer.status, answer.read().decode()
    except OSError as error:
        message = f"{url} does not show a page: {error}."
        raise DemoError(message) from error
    found = re.findall("<(?:title|h3)>(?:<a .*?>)?(.*?)</", text)
    return f"{status} {html.unescape('; '.join(found[:4]))}"


def _cure(port: int) -> str:
    usable = port if FIRST_FREE_PORT <= port <= LAST_PORT else 8001
    return f"try make demo PORT={usable}."


def _holder(port: int) -> str:
    holders = [
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr
        and connection.laddr.port == port
        and connection.status == psutil.CONN_LISTEN
    ]
    if not holders or holders[0] is None:
        return "a process of another user"
    return f"{psutil.Process(holders[0]).name()} (process {holders[0]})"
