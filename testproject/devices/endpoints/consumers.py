"""The WebSocket ends: devices, an echo, and the dashboard's pages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user

from devices.endpoints.sessions import Session, let_in, log_refusal
from devices.wire.frames import decode_text
from devices.wire.limits import MAX_FRAME_BYTES, Bucket, CloseCode, Refusal
from devices.wire.tokens import bearer_token
from devices.workers import registry
from devices.workers.hub import Command, Hub, Message, call_database, ensure_hub
from devices.workers.pushing import PushError, apush

__all__ = ["DashboardConsumer", "DeviceConsumer", "EchoConsumer"]

MAX_REASON_BYTES = 123  # RFC 6455, section 5.5.


class _Consumer(AsyncWebsocketConsumer):
    """One that listens to the hub, and not to a channel of its own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The base class would make a channel for each connection.
        self.scope, self.base_send = scope, send
        code = 0
        try:
            while True:
                await self.dispatch(await receive())
        except _Ended as ended:
            code = ended.code
        finally:
            # A server that stops may not wait; `Hub.stop` then sets all devices free.
            with contextlib.suppress(asyncio.CancelledError):
                await self.disconnect(code)

    async def dispatch(self, message: Message) -> None:
        """Call the handler; the base class also asks about connections to databases."""
        handler = getattr(self, message["type"].replace(".", "_"))
        await handler(message)

    async def websocket_disconnect(self, message: Message) -> None:
        """Let `disconnect` be called."""
        raise _Ended(message.get("code") or 0)

    async def websocket_connect(self, message: Message) -> None:
        """Let `connect` accept."""
        await self.connect()

    async def end(self, refusal: Refusal) -> None:
        """Close with the refusal's code and reason."""
        reason = refusal.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        await self.close(code=int(refusal.code), reason=reason)


class _Ended(Exception):
    """The connection is over, with the code that the server tells us."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _DeviceSession(Session):
    def __init__(self, consumer: DeviceConsumer, hub: Hub, identity: Any) -> None:
        super().__init__(hub, identity)
        self._consumer = consumer

    async def send_command(self, command: Command) -> None:
        await self._consumer.send(text_data=command.text)

    async def close(self, refusal: Refusal) -> None:
        await self._consumer.end(refusal)


class DeviceConsumer(_Consumer):
    """A device that shows its token as a bearer token."""

    session: _DeviceSession | None = None

    async def connect(self) -> None:
        """Let the device in, or close with a code that says why not."""
        await self.accept()
        headers = dict(self.scope["headers"])
        token = bearer_token(headers.get(b"authorization", b"").decode("latin-1"))
        try:
            identity = await let_in(token)
        except Refusal as refusal:
            log_refusal(_address(self.scope), refusal)
            await self.end(refusal)
            return
        hub = await ensure_hub()
        self.session = _DeviceSession(self, hub, identity)
        await hub.join(self.session)

    async def disconnect(self, code: int) -> None:
        """Leave the hub; note a frame that the server did not even hand to us."""
        if self.session:
            if code == CloseCode.SERVER_LIMIT:
                reason = "a frame larger than the server takes"
                log_refusal(
                    self.session.identity.slug, Refusal(CloseCode(code), reason)
                )
            await self.session.hub.part(self.session)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Take a message; one that is against the rules is the last."""
        session = self.session
        if session is None:
            return
        try:
            session.count_message()
            frame = decode_text(text_data, session.identity.slug)
            stored = await session.take(frame)
        except Refusal as refusal:
            await session.refuse(refusal)
            return
        if frame.number is not None:
            session.hub.spawn(self._acknowledge(frame.number, stored))

    async def _acknowledge(
        self, number: int | str, stored: asyncio.Future[None] | None
    ) -> None:
        if stored:
            await stored
        await self.send(text_data=json.dumps({"ack": number}))


class EchoConsumer(_Consumer):
    """Says everything back, to whoever shows a token: to try a device out."""

    is_let_in = False

    async def connect(self) -> None:
        """Let the device in."""
        await self.accept()
        headers = dict(self.scope["headers"])
        token = bearer_token(headers.get(b"authorization", b"").decode("latin-1"))
        self._bucket = Bucket()
        try:
            await let_in(token)
            self.is_let_in = True
        except Refusal as refusal:
            log_refusal(_address(self.scope), refusal)
            await self.end(refusal)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Say it back."""
        if not self.is_let_in:
            return
        data = text_data if text_data is not None else bytes_data or b""
        refusal = None
        if len(data) > MAX_FRAME_BYTES:
            reason = f"a message of more than {MAX_FRAME_BYTES} bytes"
            refusal = Refusal(CloseCode.TOO_LARGE, reason)
        elif not self._bucket.take(time.monotonic()):
            refusal = Refusal(CloseCode.FLOOD, "too many messages")
        if refusal:
            self.is_let_in = False
            log_refusal(_address(self.scope), refusal)
            await self.end(refusal)
        else:
            await self.send(text_data=text_data, bytes_data=bytes_data)


class DashboardConsumer(_Consumer):
    """A page: it is shown everything, and who may change devices can push."""

    hub: Hub | None = None

    async def connect(self) -> None:
        """Show what there is now, then what happens."""
        await self.accept()
        self._bucket = Bucket(rate_per_s=5, burst=20)
        self.hub = await ensure_hub()
        # First to listen, then to look: nothing falls between the two.
        self.hub.add_browser(self)
        devices = await call_database(registry.snapshot, thread="strangers")
        await self.show({"type": "snapshot", "devices": devices})

    async def disconnect(self, code: int) -> None:
        """Leave the hub."""
        if self.hub:
            self.hub.remove_browser(self)

    async def show(self, message: Message) -> None:
        """Send a message to the page."""
        await self.send(text_data=json.dumps(message))

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Push what the page asks for: {"device": "shed", "event": "led", "data": 1}."""
        try:
            wish = json.loads((text_data or "")[:MAX_FRAME_BYTES])
            device, event = str(wish["device"]), str(wish["event"])
            data = wish.get("data")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            await self.end(Refusal(CloseCode.MALFORMED, "not a wish"))
            return
        session_key = self.scope["session"].session_key
        problem = None
        if not self._bucket.take(time.monotonic()):
            problem = "That was too fast."
        elif not await call_database(may_push, session_key, thread="strangers"):
            problem = "You may not switch devices."
        else:
            try:
                await apush(device, event, data)
            except (PushError, ValueError) as error:
                problem = str(error)
        if problem:
            await self.show({"type": "problem", "device": device, "text": problem})


def may_push(session_key: str | None) -> bool:
    """Return whether the user of a session may push now: a page may stay open for days."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request: Any = SimpleNamespace(session=store(session_key))
    return bool(get_user(request).has_perm("devices.change_device"))


def _address(scope: Any) -> str:
    return str((scope.get("client") or ["an unknown address"])[0])
