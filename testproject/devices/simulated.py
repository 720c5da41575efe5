"""Two devices for the demo: processes that run what a board would run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from devices.models import Device

__all__ = ["Simulation", "find_micropython"]

PROGRAMS = Path(__file__).resolve().parent / "simulation"
FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
DAYS = 30
STOP_TIMEOUT_S = 5
# Program, name, site, and the path of the protocol that it speaks.
DEVICES = [
    ("greenhouse", "Merri Bend greenhouse", "merri-bend", "ws", "/ws/device/"),
    ("shed", "Brunswick tool shed", "brunswick", "http", ""),
]


class Simulation:
    """Devices that run as long as the context; `text` says on which Python."""

    def __init__(self, address: str) -> None:
        self._address = address
        command, environ, name = _find_interpreter()
        self._command = command
        self._environ = environ
        self.text = f"two simulated ones on {name}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Simulation:
        for program, name, site, scheme, path in DEVICES:
            device, _ = Device.objects.get_or_create(
                slug=program, defaults={"name": name, "site": site}
            )
            uri = scheme + self._address.removeprefix("http") + path
            self._processes.append(
                self.start(program, uri, device.issue_token(days=DAYS))
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_S)

    def start(self, program: str, uri: str, token: str) -> subprocess.Popen[bytes]:
        """Start a device. Its token stands in its environment, which others cannot see.

        It is in a session of its own, so that the terminal's Ctrl-C is for us alone.
        """
        return subprocess.Popen(  # noqa: S603 - our own program
            [*self._command, str(PROGRAMS / f"{program}.py")],
            env={**self._environ, "DEVICE_URI": uri, "DEVICE_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def find_micropython() -> tuple[list[str], str] | None:
    """Return the command and the name of a MicroPython: on PATH, else the firmware's.

    `python firmware/tools/runtimes.py` fetches the latter.
    """
    commands = [[path] for path in [shutil.which("micropython")] if path]
    cache = Path(os.environ.get("FIRMWARE_RUNTIMES") or FIRMWARE / ".runtimes")
    for root in sorted(cache.glob("*-amd64/root")):
        loaders = sorted(root.glob("usr/lib/*-linux-gnu/ld-linux*.so.2"))
        program = root / "usr/bin/micropython"
        if loaders and program.exists():
            libraries = str(loaders[0].parent)
            commands.append(
                [str(loaders[0]), "--library-path", libraries, str(program)]
            )
    code = "import sys; print('%d.%d.%d' % sys.implementation.version[:3])"
    for command in commands:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(  # noqa: S603 - a program that we found
                [*command, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                timeout=10,
            )
            return command, f"MicroPython {done.stdout.strip()}"
    return None


def _find_interpreter() -> tuple[list[str], dict[str, str], str]:
    if found := find_micropython():
        command, name = found
        # Without .frozen there is no asyncio.
        return command, {"MICROPYPATH": f".frozen:{FIRMWARE}"}, name
    version = ".".join(map(str, sys.version_info[:3]))
    name = f"CPython {version} (MicroPython is not installed)"
    return [sys.executable], {"PYTHONPATH": str(FIRMWARE)}, name
