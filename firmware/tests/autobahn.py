"""A server that plays Autobahn's client cases, loaded from the pip package.

The package is written for Python 2 and Twisted; only its case definitions are used, as
they are on disk. A loader reads each source as octets (latin-1, so that every character
is a byte, as in Python 2) and replaces the few words that Python 3 lacks.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
import hashlib
import importlib.abc
import importlib.util
import re
import struct
import sys
import types
from collections import Counter
from pathlib import Path

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
GROUPS = ("1.", "2.", "3.", "4.", "5.", "6.", "7.", "10.")
CHANGES = [
    (r"(?m)^#.*coding[:=].*$", ""),
    (r"\(object, Case,? ?\)", "(Case,)"),
    (r"\bxrange\b", "range"),
    (r"binascii\.b2a_hex\(", "_hexlify("),
    (r"(?m)^(\s*)print\b.*$", r"\1pass"),
    (r"len\(self\.payload\) / ", "len(self.payload) // "),
]
CONNECTING, OPEN, CLOSING, CLOSED = range(4)


class Validator:
    """Say whether octets are UTF-8, and whether they end with a character."""

    def __init__(self):
        self.reset()

    def reset(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def validate(self, octets):
        try:
            self._decoder.decode(octets.encode("latin-1"))
        except UnicodeDecodeError:
            return False, False
        return True, not self._decoder.getstate()[0]


class CaseLoader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import the modules of the case folder under their own names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name, path=None, target=None):
        if not (self._folder / f"{name}.py").exists():
            return None
        return importlib.util.spec_from_loader(name, self)

    def exec_module(self, module):
        path = self._folder / f"{module.__name__}.py"
        source = path.read_text(encoding="latin-1")
        for pattern, replacement in CHANGES:
            source = re.sub(pattern, replacement, source)
        module.__dict__["_hexlify"] = lambda text: text.encode("latin-1").hex()
        exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)


def load_cases(folder: Path) -> dict[str, type]:
    """Return the classes of the cases in our groups, by their number."""
    protocol = types.ModuleType("autobahn.websocket.protocol")
    protocol.WebSocketProtocol = types.SimpleNamespace(STATE_OPEN=OPEN)
    validator = types.ModuleType("autobahn.websocket.utf8validator")
    validator.Utf8Validator = Validator
    modules = {
        "autobahn": types.ModuleType("autobahn"),
        "autobahn.websocket": types.ModuleType("autobahn.websocket"),
        protocol.__name__: protocol,
        validator.__name__: validator,
    }
    before = dict(sys.modules)
    loader = CaseLoader(folder)
    sys.modules.update(modules)
    sys.meta_path.insert(0, loader)
    cases = {}
    try:
        for path in folder.glob("case*_*.py"):
            if not path.stem[4:].replace("_", ".").startswith(GROUPS):
                continue
            module = importlib.import_module(path.stem)
            for value in list(module.__dict__.values()):
                classes = value if isinstance(value, list) else [value]
                for case in classes:
                    name = getattr(case, "__name__", "")
                    number = name.removeprefix("Case").replace("_", ".") + "."
                    if name.startswith("Case") and number.startswith(GROUPS):
                        cases[number.rstrip(".")] = case
    finally:
        sys.meta_path.remove(loader)
        for name in set(sys.modules) - set(before):
            del sys.modules[name]
    for case in cases.values():
        # Pickles of equal lists differ on Python 3 if strings are shared in one.
        case.compare = lambda self, one, other: one == other
    return cases


class Peer:
    """One connection, with the methods and attributes that the cases use."""

    CLOSE_STATUS_CODE_NORMAL = 1000
    CLOSE_STATUS_CODE_PROTOCOL_ERROR = 1002
    CLOSE_STATUS_CODE_INVALID_PAYLOAD = 1007

    def __init__(self, case, reader, writer):
        self.state = CONNECTING
        self.factory = types.SimpleNamespace(isServer=True)
        self.autoFragmentSize = 0
        self.connectionWasOpen = self.closedByMe = self.wasClean = False
        self.droppedByMe = self.failedByMe = False
        self.remoteCloseCode = self.localCloseCode = self.localCloseReason = None
        self.txFrameStats = Counter()
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._out = asyncio.Queue()
        self._timers = []
        self.run = case(self)

    # What the cases call

    def sendFrame(self, opcode, payload="", fin=True, rsv=0, payload_len=None, chopsize=None, sync=False):  # fmt: skip
        data = payload.encode("latin-1")
        if payload_len is not None:
            data = (data * (payload_len // len(data) + 1))[:payload_len]
        self.txFrameStats[opcode] += 1
        wire = _head(opcode, len(data), fin, rsv) + data
        step = chopsize or len(wire)
        for start in range(0, len(wire), step):
            self._out.put_nowait(wire[start : start + step])

    def sendMessage(self, payload, isBinary=False, fragmentSize=None):
        size = fragmentSize or self.autoFragmentSize or len(payload)
        parts = [payload[i : i + size] for i in range(0, len(payload), size)] or [""]
        for index, part in enumerate(parts):
            opcode = 0 if index else 2 if isBinary else 1
            self.sendFrame(opcode, part, fin=index == len(parts) - 1)

    def beginMessage(self):
        pass

    def beginMessageFrame(self, length):
        self._out.put_nowait(_head(1, length, True, 0))

    def sendMessageFrameData(self, payload):
        self._out.put_nowait(payload.encode("latin-1"))

    def endMessage(self):
        pass

    def sendClose(self, code=None, reason=None):
        self.sendCloseFrame(code, reason)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        if self.state != OPEN:
            return
        payload = b"" if code is None else struct.pack("!H", code)
        payload += (reasonUtf8 or "").encode("latin-1")
        self.sendFrame(8, payload.decode("latin-1"))
        self.state = CLOSING
        self.closedByMe = not isReply
        self.localCloseCode, self.localCloseReason = code, reasonUtf8

    def continueLater(self, delay, call, tag=None):
        self._later(delay, call)

    def killAfter(self, delay):
        self._later(delay, self._kill)

    def closeAfter(self, delay):
        self._later(delay, self.sendClose)

    # The connection

    def _later(self, delay, call):
        def call_if_connected():
            if self.state != CLOSED:
                call()

        self._timers.append(self._loop.call_later(delay, call_if_connected))

    def _kill(self):
        self.failedByMe = self.droppedByMe = True
        self._drop()

    def _drop(self):
        self.state = CLOSED
        self._writer.close()

    async def play(self):
        """Play the case; return what became of it."""
        self.state = OPEN
        self.connectionWasOpen = True
        writing = asyncio.ensure_future(self._write())
        self.run.onOpen()
        try:
            while self.state != CLOSED:
                await self._read_message()
        except (asyncio.IncompleteReadError, OSError):
            pass
        self.state = CLOSED
        for timer in self._timers:
            timer.cancel()
        writing.cancel()
        self._writer.close()
        self.run.onConnectionLost(self.failedByMe)
        return {
            "behavior": self.run.behavior,
            "close": self.run.behaviorClose,
            "clean": self.wasClean,
            "received": repr(self.run.received)[:300],
            "result": f"{self.run.result} {self.run.resultClose}",
        }

    async def _write(self):
        while True:
            self._writer.write(await self._out.get())
            await self._writer.drain()
            await asyncio.sleep(0.00001)

    async def _read_frame(self):
        first, second = await self._reader.readexactly(2)
        size = second & 127
        assert second & 128, "a client's frame must be masked"
        assert not first & 0x70, "reserved bits"
        if size > 125:
            size = int.from_bytes(
                await self._reader.readexactly(2 if size == 126 else 8), "big"
            )
        key = int.from_bytes(await self._reader.readexactly(4) * (size // 4 + 1), "big")
        data = await self._reader.readexactly(size)
        pad = -size % 4 + (4 if size % 4 == 0 else 0)
        whole = int.from_bytes(data + bytes(pad), "big") ^ key
        return first, whole.to_bytes(size + pad, "big")[:size]

    async def _read_message(self):
        parts, opcode = [], 0
        while True:
            first, data = await self._read_frame()
            if first & 8:
                await self._read_control(first & 15, data)
                if self.state == CLOSED:
                    return
                continue
            opcode = opcode or first & 15
            parts.append(data)
            if first & 128:
                break
        if self.state == OPEN:
            self.run.onMessage(b"".join(parts).decode("latin-1"), opcode == 2)

    async def _read_control(self, opcode, data):
        text = data.decode("latin-1")
        if opcode == 9:
            self.run.onPing(text)
            self.sendFrame(10, text)
        elif opcode == 10:
            self.run.onPong(text)
        else:
            if len(data) >= 2:
                self.remoteCloseCode = struct.unpack("!H", data[:2])[0]
            self.wasClean = True
            if self.state == OPEN:
                self.sendCloseFrame(self.remoteCloseCode, isReply=True)
            while not self._out.empty():
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.002)
            self._drop()


def _head(opcode, size, fin, rsv):
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    if size < 126:
        return bytes([first, size])
    if size < 65536:
        return bytes([first, 126]) + struct.pack("!H", size)
    return bytes([first, 127]) + struct.pack("!Q", size)


class CaseServer:
    """Serve `/NUMBER` for each case; `outcomes` has what became of them."""

    def __init__(self, folder: Path) -> None:
        self.cases = load_cases(folder)
        self.outcomes: dict[str, dict] = {}

    async def listen(self):
        """Return a listening server."""
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def has_played(self, count):
        """Wait until so many cases have been played."""
        while len(self.outcomes) < count:
            await asyncio.sleep(0.02)

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        number = head.split(" ")[1].strip("/")
        key = re.search(r"(?i)sec-websocket-key: *(\S+)", head)[1].encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.outcomes[number] = await Peer(self.cases[number], reader, writer).play()
