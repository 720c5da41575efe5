"""Judge a chain: functions on certificates, without sockets, files or a clock."""

from __future__ import annotations
