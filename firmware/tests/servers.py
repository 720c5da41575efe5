"""Servers for the tests: a plain one, and one for everything that can go wrong."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Loop:
    """An event loop in a thread, for servers that tests talk to."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.call(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def call(self, coroutine, timeout=20):
        """Run a coroutine in the loop; return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    @staticmethod
    async def _cancel_all():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Wire:
    """The server's end of a connection, byte by byte."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.path = ""
        self.headers: dict[str, str] = {}

    async def read_request(self):
        """Read the head of a request; return its method and path."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        self.headers = dict(header.lower().split(": ", 1) for header in lines)
        self.method, self.path, _ = line.split(" ")
        self.key = next(
            (h[19:] for h in lines if h.lower().startswith("sec-websocket-key: ")), ""
        )
        return self.method, self.path

    async def send(self, data: bytes):
        """Write bytes and wait until they are on their way."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status, *headers, body=b""):
        """Send an HTTP response and close."""
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
        await self.send("\r\n".join([*lines, "", ""]).encode() + body)

    async def upgrade(self, *headers):
        """Send the response of the WebSocket handshake."""
        accept = hashlib.sha1(self.key.encode() + GUID).digest()
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {base64.b64encode(accept).decode()}",
            *headers,
        ]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def frame(self, first: int, payload: bytes = b"", size=None):
        """Send a frame."""
        await self.send(frame(first, payload, size))

    async def text(self, text: str):
        """Send a text message."""
        await self.frame(0x81, text.encode())

    async def read_frame(self):
        """Return (first byte, payload) of the next frame."""
        first, second = await self.reader.readexactly(2)
        size = second & 127
        assert second & 128, "a client masks"
        if size > 125:
            more = await self.reader.readexactly(2 if size == 126 else 8)
            size = int.from_bytes(more, "big")
        key = await self.reader.readexactly(4)
        data = await self.reader.readexactly(size)
        repeated = (key * (size // 4 + 1))[:size]
        whole = int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")
        return first, whole.to_bytes(size, "big")

    async def finish(self, code=1000):
        """Close with the closing handshake."""
        await self.frame(0x88, struct.pack("!H", code))
        while (await self.read_frame())[0] != 0x88:
            pass

    def reset(self):
        """Cut the connection with a reset."""
        handle = self.writer.get_extra_info("socket")
        linger = struct.pack("ii", 1, 0)
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


def frame(first: int, payload: bytes = b"", size=None) -> bytes:
    """Return the bytes of an unmasked frame, whose size may be a lie."""
    size = len(payload) if size is None else size
    if size < 126:
        head = bytes([first, size])
    elif size < 65536:
        head = struct.pack("!BBH", first, 126, size)
    else:
        head = struct.pack("!BBQ", first, 127, size)
    return head + payload


class Server:
    """Serve each connection by the method that the path names."""

    def __init__(self):
        self.seen: list[object] = []

    async def start(self, host="127.0.0.1", **options):
        """Listen on loopback; return the port."""
        first = await asyncio.start_server(self._serve, host, 0, **options)
        port = first.sockets[0].getsockname()[1]
        self._servers = [first]
        if len(first.sockets) > 1:  # A name with two addresses got two ports.
            first.close()
            await first.wait_closed()
            again = await asyncio.start_server(self._serve, host, port, **options)
            self._servers = [again]
        return port

    async def stop(self):
        """Stop listening."""
        for server in self._servers:
            server.close()

    async def _serve(self, reader, writer):
        wire = Wire(reader, writer)
        try:
            await wire.read_request()
            name = wire.path.strip("/").partition("?")[0].partition("/")[0]
            await getattr(self, f"on_{name.replace('.', '_')}")(wire)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Trouble(Server):
    """A WebSocket server that misbehaves by the book."""

    async def on_echo(self, wire):
        await wire.upgrade()
        while True:
            first, data = await wire.read_frame()
            if first == 0x88:
                await wire.frame(first, data[:2])
                return
            if first == 0x89:
                self.seen.append(("ping", data))
                await wire.frame(0x8A, data)
            elif first != 0x8A:
                await wire.frame(first, data)

    async def on_headers(self, wire):
        """Tell the client its own headers."""
        offered = wire.headers.get("sec-websocket-protocol", "").split(", ")
        await wire.upgrade(f"Sec-WebSocket-Protocol: {offered[-1]}")
        for name in ("authorization", "x-device"):
            await wire.text(wire.headers.get(name, "none"))
        await wire.finish()

    async def on_unauthorized(self, wire):
        await wire.answer("401 Unauthorized", "WWW-Authenticate: Bearer")

    async def on_redirect(self, wire):
        await wire.answer("302 Found", "Location: ws://elsewhere/")

    async def on_page(self, wire):
        await wire.answer("200 OK", body=b"<h1>Hello</h1>")

    async def on_ssh(self, wire):
        await wire.send(b"SSH-2.0-OpenSSH_9.2\r\n")

    async def on_mute(self, wire):
        await wire.reader.read()

    async def on_hangup(self, wire):
        """Close without a word."""

    async def on_reset(self, wire):
        wire.reset()

    async def on_headers20k(self, wire):
        lines = "".join(f"X-{i}: {'y' * 990}\r\n" for i in range(20))
        await wire.send(f"HTTP/1.1 101 x\r\n{lines}\r\n".encode())

    async def on_line20k(self, wire):
        await wire.send(b"HTTP/1.1 101 x\r\nX: " + b"y" * 20000 + b"\r\n\r\n")

    async def on_liar(self, wire):
        wire.key = "something else"
        await wire.upgrade()

    async def on_early(self, wire):
        """Send a message in the same packet as the response."""
        wire.writer.transport.pause_reading()
        accept = hashlib.sha1(wire.key.encode() + GUID).digest()
        head = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
            "Connection: upgrade\r\nSec-WebSocket-Accept: "
            + base64.b64encode(accept).decode()
            + "\r\n\r\n"
        )
        await wire.send(head.encode() + frame(0x81, b"early"))
        wire.writer.transport.resume_reading()
        await wire.finish()

    async def on_huge(self, wire):
        await wire.upgrade()
        await wire.frame(0x82, b"only this", 1 << 40)
        self.seen.append(await wire.read_frame())

    async def on_slow(self, wire):
        """Stop in mid-frame, in mid-header and between messages."""
        await wire.upgrade()
        for part in (b"\x81", b"\x06abc", b"def\x82\x7e", b"\x01\x00" + bytes(200)):
            await wire.send(part)
            await asyncio.sleep(0.15)
        await wire.send(bytes(56))
        await wire.finish()

    async def on_stream(self, wire):
        """Send a message of 300 KB in frames of 30 KB, then a small one."""
        await wire.upgrade()
        data = bytes(i % 251 for i in range(300000))
        for start in range(0, len(data), 30000):
            first = (0x02 if start == 0 else 0) | (0x80 if start == 270000 else 0)
            await wire.frame(first, data[start : start + 30000])
        await wire.text("after")
        await wire.finish()

    async def on_pings(self, wire):
        """Ping between the fragments of a message; tell what came back."""
        await wire.upgrade()
        await wire.frame(0x01, b"one ")
        await wire.frame(0x89, b"are you there")
        self.seen.append(await wire.read_frame())
        await wire.frame(0x80, b"two")
        await wire.finish()

    async def on_deaf(self, wire):
        """Never answer a ping."""
        await wire.upgrade()
        await wire.text("hello")
        await wire.reader.read()

    async def on_farewell(self, wire):
        await wire.upgrade()
        await wire.text("last words")
        await wire.frame(0x88, struct.pack("!H", 4001) + "tschüß".encode())
        self.seen.append(await wire.read_frame())

    async def on_cut(self, wire):
        """Cut the connection in mid-frame."""
        await wire.upgrade()
        await wire.frame(0x82, b"half of it", 1000)

    async def on_violation(self, wire):
        await wire.upgrade()
        await wire.frame(0xC1, b"reserved bit")
        self.seen.append(await wire.read_frame())

    async def on_fragments(self, wire):
        """Tell the fragments that came."""
        await wire.upgrade()
        while True:
            first, data = await wire.read_frame()
            if first == 0x88:
                await wire.frame(first, data)
                return
            await wire.text(f"{first:02x} {len(data)}")

    async def on_stubborn(self, wire):
        """Never answer a close."""
        await wire.upgrade()
        await wire.reader.read()
