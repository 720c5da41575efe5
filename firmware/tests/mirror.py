"""The examples of the Socket.IO and Engine.IO test suites, turned round.

The official suites send a server what a client sends. Here a scripted server plays each
example, sends the server's bytes and checks the client's. The name of a script is the
path; `device/mirror.py` has what the client does, and what must come of it.
"""

from __future__ import annotations

import asyncio
import json

from servers import Server

OPEN = {"sid": "abc", "upgrades": [], "pingInterval": 5000, "pingTimeout": 5000}
CONNECTED = '40{"sid":"def"}'
SEPARATOR = "\x1e"


class Mirror(Server):
    """The scripts; `wrong` has every client's byte that was not as it must be."""

    def __init__(self):
        super().__init__()
        self.wrong: list[str] = []
        self.played: list[str] = []
        self._visits: dict[str, int] = {}

    # What the scripts are made of

    def check(self, wire, got, expected):
        """Note a difference; texts are compared as what they mean."""
        if isinstance(expected, tuple):  # A packet: its head, and its JSON.
            head, data = expected
            is_right = got.startswith(head) and json.loads(got[len(head) :]) == data
        else:
            is_right = got == expected
        if not is_right:
            self.wrong.append(f"{wire.path}: {got!r} instead of {expected!r}")

    async def open(self, wire, **changes):
        """Check the request of a WebSocket, and send the handshake."""
        name = wire.path.split("/")[1]
        self.played.append(name)
        self.check(wire, wire.path, f"/{name}/?EIO=4&transport=websocket")
        await wire.upgrade()
        await wire.text("0" + json.dumps({**OPEN, **changes}))

    async def expect(self, wire, expected):
        """Check the next message; return it."""
        while True:
            first, data = await asyncio.wait_for(wire.read_frame(), 5)
            if first in (0x81, 0x82):
                break
            if first == 0x88:
                self.wrong.append(f"{wire.path}: closed instead of {expected!r}")
                raise ConnectionError
        got = data if first == 0x82 else data.decode()
        self.check(wire, got, expected)
        return got

    async def connect(self, wire, **changes):
        """Open and connect to the main namespace."""
        await self.open(wire, **changes)
        await self.expect(wire, "40")
        await wire.text(CONNECTED)

    async def until_closed(self, wire):
        """Read to the end; return the messages."""
        messages = []
        while True:
            first, data = await asyncio.wait_for(wire.read_frame(), 5)
            if first == 0x88:
                await wire.frame(first, data[:2])
                return messages
            if first != 0x8A:
                messages.append(data.decode())

    async def poll(self, wire, *packets, status="200 OK"):
        """Answer a request of polling."""
        body = SEPARATOR.join(packets).encode()
        await wire.answer(status, "Content-Type: text/plain", body=body)

    def visit(self, wire):
        """Return (name, number of the GET or POST, is it a POST, its body)."""
        name = wire.path.split("/")[1]
        is_post = wire.method == "POST"
        key = f"{name} {wire.method}"
        number = self._visits[key] = self._visits.get(key, 0) + 1
        if number == 1 and not is_post:
            self.played.append(name)
            self.check(wire, wire.path, f"/{name}/?EIO=4&transport=polling")
        else:
            self.check(wire, wire.path, f"/{name}/?EIO=4&transport=polling&sid=abc")
        return number, is_post

    async def body(self, wire):
        """Return the body of a POST."""
        data = await wire.reader.readexactly(int(wire.headers["content-length"]))
        return data.decode()

    async def poll_session(self, wire, *answers, upgrades=(), posts=("40",)):
        """Play a session of polling: answers to GETs, and what must be posted."""
        number, is_post = self.visit(wire)
        if is_post:
            if number <= len(posts):
                self.check(wire, await self.body(wire), posts[number - 1])
            await self.poll(wire, "ok")
        elif number == 1:
            await self.poll(
                wire, "0" + json.dumps({**OPEN, "upgrades": list(upgrades)})
            )
        elif number == 2:
            await self.poll(wire, CONNECTED)
        elif number - 3 < len(answers):
            await self.poll(wire, *answers[number - 3])
        else:
            await wire.reader.read()  # A poll that waits.

    # Engine.IO over WebSocket

    async def on_open(self, wire):
        await self.connect(wire)
        await wire.text('42["welcome"]')
        await self.until_closed(wire)

    async def on_version(self, wire):
        self.played.append("version")
        body = b'{"code":5,"message":"Unsupported protocol version"}'
        await wire.answer("400 Bad Request", body=body)

    async def on_unknown_packet(self, wire):
        await self.connect(wire)
        await wire.text("abc")
        await self.until_closed(wire)

    async def on_unexpected_binary(self, wire):
        await self.connect(wire)
        await wire.frame(0x82, b"\x01")
        await self.until_closed(wire)

    async def on_ping(self, wire):
        await self.connect(wire)
        for _ in range(3):
            await wire.text("2")
            await self.expect(wire, "3")
        await wire.text('42["done"]')
        await self.until_closed(wire)

    async def on_ping_timeout(self, wire):
        await self.connect(wire, pingInterval=100, pingTimeout=100)
        await self.until_closed(wire)

    async def on_server_close(self, wire):
        await self.connect(wire)
        await wire.text("1")
        await self.until_closed(wire)

    async def on_client_close(self, wire):
        await self.connect(wire)
        self.check(wire, await self.until_closed(wire), ["41", "1"])

    async def on_noop(self, wire):
        await self.connect(wire)
        await wire.text("6")
        await wire.text('42["after"]')
        await self.until_closed(wire)

    # Engine.IO over HTTP long-polling

    async def on_poll_text(self, wire):
        await self.poll_session(wire, ['42["one"]', '42["two",2]'], ['42["three"]'])

    async def on_poll_binary(self, wire):
        posts = ["40", ("451-", ["raw", {"_placeholder": True, "num": 0}]), "bAQIDBA=="]
        head = '451-["binary",{"_placeholder":true,"num":0}]'
        await self.poll_session(wire, [head, "bAQIDBA=="], posts=posts)

    async def on_poll_chunked(self, wire):
        number, is_post = self.visit(wire)
        if is_post or number != 1:
            self._visits[f"{wire.path.split('/')[1]} {wire.method}"] -= 1
            await self.poll_session(wire, ['42["done"]'])
            return
        text = "0" + json.dumps(OPEN)
        head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        await wire.send(head.encode())
        for start in range(0, len(text), 20):
            part = text[start : start + 20].encode()
            await wire.send(f"{len(part):x};x=y\r\n".encode() + part + b"\r\n")
        await wire.send(b"0\r\n\r\n")

    async def on_poll_garbage(self, wire):
        await self.poll_session(wire, ["abc"])

    async def on_poll_bad_base64(self, wire):
        await self.poll_session(wire, ["b%"])

    async def on_poll_ping(self, wire):
        await self.poll_session(wire, ["2"], ['42["done"]'], posts=["40", "3"])

    async def on_poll_close(self, wire):
        await self.poll_session(wire, ["1"])

    async def on_poll_gone(self, wire):
        """The server has forgotten the session."""
        if wire.method == "GET" and self._visits.get("poll_gone GET") == 2:
            self.visit(wire)
            body = b'{"code":1,"message":"Session ID unknown"}'
            await wire.answer("400 Bad Request", body=body)
        else:
            await self.poll_session(wire)

    async def on_poll_not_socketio(self, wire):
        self.played.append("poll_not_socketio")
        await wire.answer("200 OK", body=b"<h1>Hello</h1>")

    async def on_upgrade(self, wire):
        if "upgrade" not in wire.headers:
            await self.poll_session(wire, upgrades=["websocket"])
            return
        self.check(wire, wire.path, "/upgrade/?EIO=4&transport=websocket&sid=abc")
        await wire.upgrade()
        await self.expect(wire, "2probe")
        await wire.text("3probe")
        await self.expect(wire, "5")
        await self.expect(wire, "40")
        await wire.text(CONNECTED)
        await wire.text('42["done"]')
        self.check(wire, await self.until_closed(wire), ["41", "1"])

    async def on_upgrade_refused(self, wire):
        if "upgrade" in wire.headers:
            await wire.answer("400 Bad Request")
        else:
            await self.poll_session(wire, ['42["done"]'], upgrades=["websocket"])

    async def on_upgrade_wrong_probe(self, wire):
        if "upgrade" in wire.headers:
            await wire.upgrade()
            await self.expect(wire, "2probe")
            await wire.text("3wrong")
            await wire.reader.read()
        else:
            await self.poll_session(wire, ['42["done"]'], upgrades=["websocket"])

    # Socket.IO

    async def on_auth(self, wire):
        await self.open(wire)
        await self.expect(wire, ("40", {"token": "123"}))
        await wire.text(CONNECTED)
        await wire.text('42["auth",{"token":"123"}]')
        await self.until_closed(wire)

    async def on_custom(self, wire):
        await self.open(wire)
        await self.expect(wire, "40/custom,")
        await wire.text('40/custom,{"sid":"ghi"}')
        await wire.text('42/custom,["hello"]')
        self.check(wire, await self.until_closed(wire), ["41/custom,", "1"])

    async def on_custom_auth(self, wire):
        await self.open(wire)
        await self.expect(wire, ("40/custom,", {"token": "abc"}))
        await wire.text('40/custom,{"sid":"ghi"}')
        await self.until_closed(wire)

    async def on_unknown_namespace(self, wire):
        await self.open(wire)
        await self.expect(wire, "40/random,")
        await wire.text('44/random,{"message":"Invalid namespace"}')
        await self.until_closed(wire)

    async def on_invalid_handshake(self, wire):
        await self.open(wire)
        await self.expect(wire, "40")
        await wire.text("4abc")
        await self.until_closed(wire)

    async def on_no_answer(self, wire):
        await self.open(wire)
        await self.expect(wire, "40")
        await self.until_closed(wire)

    async def on_kicked(self, wire):
        await self.connect(wire)
        await wire.text("41")
        await self.until_closed(wire)

    async def on_kicked_from_custom(self, wire):
        await self.open(wire)
        await self.expect(wire, "40")
        await self.expect(wire, "40/custom,")
        await wire.text(CONNECTED)
        await wire.text('40/custom,{"sid":"ghi"}')
        await wire.text("41/custom,")
        await wire.text('42["still here"]')
        self.check(wire, await self.until_closed(wire), ["41", "1"])

    async def on_message(self, wire):
        await self.connect(wire)
        await self.expect(wire, ("42", ["message", 1, "2", {"3": [False]}]))
        await wire.text('42["message-back",1,"2",{"3":[false]}]')
        await self.until_closed(wire)

    async def on_ack(self, wire):
        await self.connect(wire)
        await self.expect(wire, ("421", ["ask", 1, "2"]))
        await wire.text('431["yes",{"no":null}]')
        await wire.text('42456["asked",1,"2",{"3":[false]}]')
        await self.expect(wire, ("43456", [1, "2", {"3": [False]}]))
        await wire.text('42["done"]')
        await self.until_closed(wire)

    async def on_binary(self, wire):
        await self.connect(wire)
        placeholders = [{"_placeholder": True, "num": number} for number in (0, 1)]
        await self.expect(wire, ("452-", ["message", *placeholders]))
        await self.expect(wire, b"\x01\x02\x03")
        await self.expect(wire, b"\x04\x05\x06")
        await wire.text("452-" + json.dumps(["message-back", *placeholders]))
        await wire.frame(0x82, b"\x01\x02\x03")
        await wire.frame(0x82, b"\x04\x05\x06")
        await self.until_closed(wire)

    async def on_binary_ack(self, wire):
        await self.connect(wire)
        placeholders = [{"_placeholder": True, "num": number} for number in (0, 1)]
        await wire.text("452-789" + json.dumps(["asked", *placeholders]))
        await wire.frame(0x82, b"\x01\x02\x03")
        await wire.frame(0x82, b"\x04\x05\x06")
        await self.expect(wire, ("462-789", placeholders))
        await self.expect(wire, b"\x01\x02\x03")
        await self.expect(wire, b"\x04\x05\x06")
        await wire.text('42["done"]')
        await self.until_closed(wire)

    async def on_unknown_type(self, wire):
        await self.connect(wire)
        await wire.text("4abc")
        await self.until_closed(wire)

    async def on_invalid_payload(self, wire):
        await self.connect(wire)
        await wire.text("42{}")
        await self.until_closed(wire)

    async def on_invalid_ack_id(self, wire):
        await self.connect(wire)
        await wire.text('42abc["message-with-ack",1]')
        await self.until_closed(wire)

    async def on_early_event(self, wire):
        """What python-socketio does: an event before the answer to CONNECT."""
        await self.open(wire)
        await self.expect(wire, "40")
        await wire.text('42["early"]')
        await wire.text(CONNECTED)
        await self.until_closed(wire)
