"""A scripted board on a pseudo-terminal: MicroPython's raw REPL, flash and ROMFS.

mpremote sends Python to a board; this one runs it in a namespace whose files lie in a
folder, and whose `vfs.rom_ioctl` writes into memory.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import threading
import traceback
import tty
import types
from pathlib import Path


class Board:
    """Answer on `port` until the end of the with statement."""

    def __init__(self, folder: Path, *, version=(1, 26, 1), romfs_size=320 * 1024):
        self.folder = folder
        self.romfs = bytearray(romfs_size)
        self.resets = 0
        self.has_reset = threading.Event()
        self.programs: list[str] = []
        self._version = version
        self._has_romfs = romfs_size > 0
        self._namespace: dict[str, object] = {}

    def __enter__(self):
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._restart()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        os.close(self._slave)
        os.close(self._master)
        self._thread.join(5)

    # The serial protocol. Source: docs/reference/repl.rst, "Raw mode".

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data) :]

    def _run(self) -> None:
        is_raw = False
        program = b""
        try:
            while data := os.read(self._master, 1):
                if data == b"\x01":  # Ctrl-A
                    is_raw, program = True, b""
                    self._write(b"raw REPL; CTRL-B to exit\r\n>")
                elif data == b"\x02":  # Ctrl-B
                    is_raw = False
                    self._write(b"MicroPython\r\n>>> ")
                elif data == b"\x03":
                    program = b""
                elif data == b"\x05" and is_raw:  # Raw paste: this board has none.
                    os.read(self._master, 2)
                    self._write(b"R\x00")
                elif data == b"\x04":
                    program = self._end_of_program(is_raw, program)
                else:
                    program += data
        except OSError:
            pass

    def _end_of_program(self, is_raw: bool, program: bytes) -> bytes:
        if is_raw and program.strip():
            self._write(b"OK" + self._execute(program.decode()))
        elif is_raw:
            self._restart()
            self._write(b"OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>")
        else:
            self._restart()
            self._write(b"MPY: soft reboot\r\n>>> ")
        return b""

    def _execute(self, program: str) -> bytes:
        self.programs.append(program)
        output, errors = io.StringIO(), ""
        self._namespace["print"] = lambda *words, end="\n", sep=" ": output.write(
            sep.join(map(str, words)) + end
        )
        try:
            exec(compile(program, "<stdin>", "exec"), self._namespace)
        except OSError as error:  # As MicroPython writes it.
            errors = f"OSError: [Errno {error.errno}] {errno.errorcode[error.errno]}"
        except BaseException:  # noqa: BLE001
            errors = traceback.format_exc()
        text = output.getvalue().replace("\n", "\r\n")
        return text.encode() + b"\x04" + errors.encode() + b"\x04>"

    # The board

    def _restart(self) -> None:
        fake = {"os": self._os(), "vfs": self._vfs(), "machine": self._machine()}
        fake["sys"] = self._sys()
        fake["time"] = types.SimpleNamespace(sleep_ms=lambda milliseconds: None)

        def import_(name, *arguments, **options):
            if name in fake:
                return fake[name]
            if name in ("deflate", "hashlib", "pyb"):
                raise ImportError(name)
            return builtins.__import__(name, *arguments, **options)

        own = {**vars(builtins), "open": self._open, "__import__": import_}
        self._namespace = {"__builtins__": own, "__name__": "__main__"}

    def _path(self, name: str) -> Path:
        return self.folder / str(name).lstrip("/")

    def _open(self, name, mode="r"):
        return self._path(name).open(mode)

    def _stat(self, name):
        path = self._path(name)
        if not path.exists():
            raise OSError(2, "ENOENT")
        mode = 0x4000 if path.is_dir() else 0x8000
        return (mode, 0, 0, 0, 0, 0, path.stat().st_size, 0, 0, 0)

    def _os(self):
        return types.SimpleNamespace(
            stat=self._stat,
            mkdir=lambda name: self._path(name).mkdir(),
            remove=lambda name: self._path(name).unlink(),
            getcwd=lambda: "/",
            ilistdir=lambda name="": [
                (path.name, 0x4000 if path.is_dir() else 0x8000, 0, path.stat().st_size)
                for path in self._path(name).iterdir()
            ],
        )

    def _sys(self):
        return types.SimpleNamespace(
            implementation=("micropython", (*self._version, "")),
            platform="esp8266",
            path=[],
        )

    def _machine(self):
        def reset():
            self.resets += 1
            self.has_reset.set()

        return types.SimpleNamespace(reset=reset)

    def _vfs(self):
        if not self._has_romfs:
            return types.SimpleNamespace()

        def rom_ioctl(operation, *arguments):
            if operation == 1:  # How many partitions.
                return 1
            if operation == 2:
                return memoryview(self.romfs)
            if operation == 6:  # The size of a block.
                return 4096
            if operation == 3:
                return 4
            if operation == 4:
                _, offset, data = arguments
                self.romfs[offset : offset + len(data)] = data
            return 0

        return types.SimpleNamespace(rom_ioctl=rom_ioctl, umount=lambda name: None)
