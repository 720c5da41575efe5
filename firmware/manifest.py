"""Freeze the clients into MicroPython: the least memory on the device.

    make -C ports/esp8266 BOARD=ESP8266_GENERIC FROZEN_MANIFEST=/path/to/firmware/manifest.py

Machine code (mask_viper) is left out: it would have to run from flash, and bytecode masks
everywhere. Take `usocketio` out if you need WebSocket only.
"""

from __future__ import annotations

include("$(PORT_DIR)/boards/manifest.py")  # noqa: F821
for _name, _files in (
    ("port", ("__init__.py", "aio.py", "tls.py")),
    (
        "uwebsockets",
        (
            "__init__.py",
            "exceptions.py",
            "handshake.py",
            "protocol.py",
            "client.py",
            "aio.py",
        ),
    ),
    (
        "usocketio",
        (
            "__init__.py",
            "exceptions.py",
            "packet.py",
            "session.py",
            "client.py",
            "aio.py",
            "polling.py",
            "polling_aio.py",
        ),
    ),
    ("upins", ("__init__.py", "irq.py", "pin.py", "waiting.py")),
):
    package(_name, files=_files, base_path=".", opt=3)  # noqa: F821
