"""Serve the site on loopback with Django's own threaded server, and prove it."""

from __future__ import annotations

import errno
import html
import re
from typing import Any
from urllib.request import urlopen

import psutil
from django.core.servers.basehttp import (
    ThreadedWSGIServer,
    WSGIRequestHandler,
    get_internal_wsgi_application,
)

__all__ = ["HOST", "DemoError", "bind", "load", "port_from", "prove"]

HOST = "127.0.0.1"
FIRST_FREE_PORT, LAST_PORT = 1024, 65535  # Those below are for root.


class DemoError(Exception):
    """The demo cannot be shown: the text says why, in one line."""


class QuietRequestHandler(WSGIRequestHandler):
    """Logs the requests that failed: the others push the password off the screen."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log a request unless its status, the second argument, is a success."""
        status = str(args[1]) if len(args) > 1 else ""
        if not status.startswith(("2", "3")):
            super().log_message(format, *args)


def port_from(text: str) -> int:
    """Return the port that the command line gives; 0 means any free one.

    Raises:
        DemoError: it is not the number of a port.
    """
    if not (text.isascii() and text.isdecimal() and int(text) <= LAST_PORT):
        message = f"port {text!r} is not a number from 1 to {LAST_PORT}; {_cure(0)}"
        raise DemoError(message)
    return int(text)


def bind(port: int, *, is_quiet: bool = True) -> ThreadedWSGIServer:
    """Return a server that holds `port` and does not answer yet.

    Args:
        port: 0 means any free one; `server_port` of the result tells which.
        is_quiet: log failed requests only.

    Raises:
        DemoError: something else listens there, or the port is not for us.
    """
    handler = QuietRequestHandler if is_quiet else WSGIRequestHandler
    try:
        return ThreadedWSGIServer((HOST, port), handler)
    except OSError as error:
        reason = error.strerror
        if error.errno == errno.EADDRINUSE:
            reason = f"it is taken by {_holder(port)}"
        message = f"cannot serve on port {port}: {reason}; {_cure(port + 1)}"
        raise DemoError(message) from error


def load(server: ThreadedWSGIServer) -> None:
    """Give the server the site; its `serve_forever` then answers.

    Not done in `bind`: WhiteNoise lists the static files once, when it is loaded.
    """
    server.set_app(get_internal_wsgi_application())


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
