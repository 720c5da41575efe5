"""The Socket.IO end, for devices that speak it.

A device shows its token as `auth={"token": ...}` or as a bearer token. An event with a
number is a reading of that name, `reading` takes an object of several; the ack comes
once they are stored. What a handler on the device returns is its answer to a command.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import socketio
from django.conf import settings

from devices.endpoints.sessions import Session, let_in, log_refusal
from devices.wire.frames import decode_frame
from devices.wire.limits import MAX_FRAME_BYTES, CloseCode, Refusal
from devices.wire.tokens import bearer_token
from devices.workers.hub import Command, Hub, ensure_hub
from devices.workers.registry import Identity

__all__ = ["sio"]


def _manager() -> Any:
    # Devices are reached through the hub; this is for an emit() of the site's own code.
    if settings.REDIS_URL:
        return socketio.AsyncRedisManager(settings.REDIS_URL, channel="fieldkit-sio")
    return None


sio = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=_manager(),
    max_http_buffer_size=2 * MAX_FRAME_BYTES,
    ping_interval=20,
    ping_timeout=20,
    # Devices send no Origin; pages of other sites get nothing.
    cors_allowed_origins=None,
)
_sessions: dict[str, _SocketSession] = {}


class _SocketSession(Session):
    def __init__(self, sid: str, hub: Hub, identity: Identity) -> None:
        super().__init__(hub, identity)
        self._sid = sid

    async def send_command(self, command: Command) -> None:
        event = command.event

        async def answered(*values: Any) -> None:
            with contextlib.suppress(Refusal):
                self.count_message()
                value = values[0] if values else None
                frame = decode_frame({"answer": {event: value}}, self.identity.slug)
                await self.take_answers(frame.answers)

        await sio.emit(
            event, command.data, to=self._sid, callback=answered, ignore_queue=True
        )

    async def close(self, refusal: Refusal) -> None:
        # The protocol has no codes: they come as an event, just before.
        told = {"code": int(refusal.code), "reason": refusal.reason}
        await sio.emit("closed", told, to=self._sid, ignore_queue=True)
        await sio.disconnect(self._sid, ignore_queue=True)


@sio.event
async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    """Let the device in."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if not isinstance(token, str):
        token = bearer_token(environ.get("HTTP_AUTHORIZATION", ""))
    try:
        identity = await let_in(token)
    except Refusal as refusal:
        log_refusal(environ.get("REMOTE_ADDR", "an unknown address"), refusal)
        told = {"code": int(refusal.code)}
        raise socketio.exceptions.ConnectionRefusedError(refusal.reason, told) from None
    hub = await ensure_hub()
    session = _sessions[sid] = _SocketSession(sid, hub, identity)
    await sio.enter_room(sid, f"device.{identity.slug}")
    if identity.site:
        await sio.enter_room(sid, f"site.{identity.site}")
    await hub.join(session)


@sio.event
async def disconnect(sid: str, *reason: Any) -> None:
    """Let the session go."""
    if session := _sessions.pop(sid, None):
        await session.hub.part(session)


@sio.on("*")
async def take_event(event: str, sid: str, *arguments: Any) -> Any:
    """Take an event; the ack is sent once its readings are stored."""
    session = _sessions.get(sid)
    if session is None:
        return None
    try:
        session.count_message()
        frame = decode_frame(_as_frame(event, arguments), session.identity.slug)
        stored = await session.take(frame)
    except Refusal as refusal:
        await session.refuse(refusal)
        return None
    if stored:
        await stored
    return True


def _as_frame(event: str, arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != 1:
        message = f"the event {event[:40]!r} without exactly one argument"
        raise Refusal(CloseCode.MALFORMED, message)
    (argument,) = arguments
    try:
        size = len(json.dumps(argument))
    except (TypeError, ValueError, RecursionError):
        message = f"the event {event[:40]!r} with data that are not JSON"
        raise Refusal(CloseCode.MALFORMED, message) from None
    if size > MAX_FRAME_BYTES:
        message = f"an event of more than {MAX_FRAME_BYTES} bytes"
        raise Refusal(CloseCode.TOO_LARGE, message)
    return argument if event == "reading" else {event: argument}
