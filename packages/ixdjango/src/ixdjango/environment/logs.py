"""LOGGING: on standard error, or for a syslog server."""

from __future__ import annotations

import logging.handlers
import socket
from typing import Any

__all__ = ["logging_settings"]


def logging_settings(level: str, syslog: tuple[str, int, str] | None) -> dict[str, Any]:
    """Return `LOGGING`.

    Args:
        level: of the root logger.
        syslog: host, port and `udp` or `tcp` of a syslog server; None means standard
            error.
    """
    handler: dict[str, Any] = {"class": "logging.StreamHandler"}
    if syslog:
        host, port, protocol = syslog
        kinds = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
        handler = {
            "class": f"{logging.handlers.__name__}.SysLogHandler",
            "address": (host, port),
            "socktype": kinds[protocol],
        }
    line = "{asctime} {levelname} {name}: {message}"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": line, "style": "{"}},
        "handlers": {"main": {**handler, "formatter": "line"}},
        "root": {"handlers": ["main"], "level": level},
    }
