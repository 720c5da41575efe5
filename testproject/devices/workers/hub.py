"""The sessions of one worker, on the event loop of its server.

Every worker listens to one group of the channel layer. What is pushed goes there once,
and each worker hands it to its own sessions: by device, by site, and to browsers. A
group for each connection would cost a copy of every message for each of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar, get_args

from channels.layers import get_channel_layer
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from devices.wire.limits import CloseCode, Refusal
from devices.workers import registry
from devices.workers.batches import Batches
from devices.workers.registry import Identity, Row

__all__ = ["GROUP", "Browser", "Command", "DeviceSession", "Hub", "Message", "publish"]

GROUP = "devices"
MESSAGE_TYPE = "devices.message"
RETRY_S = 0.5
MAX_WAITING = 100  # Messages on their way to one connection.

Message = dict[str, Any]  # What travels through the channel layer, see `Hub.deliver`.
Result = TypeVar("Result")
Thread = Literal["devices", "readings", "strangers"]

logger = logging.getLogger("devices")


@dataclass(frozen=True)
class Command:
    """What is pushed to devices: one for all that it is for."""

    event: str
    data: Any

    @cached_property
    def text(self) -> str:
        """The WebSocket message, encoded once however many devices get it."""
        return json.dumps({self.event: self.data})


class DeviceSession(Protocol):
    """A device on either protocol."""

    identity: Identity

    async def send_command(self, command: Command) -> None:
        """Send a command to the device."""

    async def refuse(self, refusal: Refusal) -> None:
        """Close the connection."""


class Browser(Protocol):
    """A page that shows the dashboard."""

    async def show(self, message: Message) -> None:
        """Send a message to the page."""


async def publish(message: Message) -> None:
    """Send a message to every worker; the loop must be the one that owns the layer."""
    layer = get_channel_layer()
    await layer.group_send(GROUP, {"type": MESSAGE_TYPE, **message})


async def call_database(
    function: Callable[..., Result], *arguments: Any, thread: Thread = "devices"
) -> Result:
    """Call a function that queries, in a thread that keeps its connection.

    A connection for each call, as requests have it, would let in fifty devices a second.

    Args:
        function: it may be called a second time, if the connection was cut.
        arguments: its arguments.
        thread: the calls of one thread are made in order. Requests of
            strangers wait in one of their own, so that many of them hold up no device.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_executors[thread], _call, function, arguments)


_executors = {name: ThreadPoolExecutor(1, name) for name in get_args(Thread)}


def _call(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    try:
        return function(*arguments)
    except (InterfaceError, OperationalError):
        connection.close()
        return function(*arguments)


class Hub:
    """Everything that a worker knows; there is one for an event loop.

    All its methods run on that loop.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.worker = uuid.uuid4().hex
        self.batches: Batches[Row] = Batches(self._save)
        self._sessions: dict[str, DeviceSession] = {}  # By connection.
        self._by_device: dict[str, set[DeviceSession]] = defaultdict(set)
        self._by_site: dict[str, set[DeviceSession]] = defaultdict(set)
        self._browsers: set[Browser] = set()
        # Deliveries under way: how many for each connection, and their tasks.
        self._waiting: dict[object, int] = defaultdict(int)
        self._tasks: set[asyncio.Task[None]] = set()
        self._services: list[asyncio.Task[None]] = []
        self._has_problem = False
        self._is_listening = asyncio.Event()

    # Its life

    async def start(self) -> None:
        """Start to listen, to beat and to store."""
        self._services = [
            self.loop.create_task(service)
            for service in (self._listen(), self._beat(), self.batches.run())
        ]
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._is_listening.wait(), 2)

    async def stop(self) -> None:
        """Store what is queued, set our devices free and stop."""
        for service in self._services:
            service.cancel()
        await asyncio.gather(*self._services, return_exceptions=True)
        # Without a database: what was not acknowledged is the devices' to send again,
        # and another worker finds that we are gone.
        with contextlib.suppress(asyncio.TimeoutError, DatabaseError):
            await asyncio.wait_for(self.batches.flush(), 5)
            await asyncio.wait_for(call_database(registry.leave, self.worker), 5)
        for thread in get_args(Thread):
            await call_database(connection.close, thread=thread)

    def spawn(self, work: Awaitable[None], to: object = None) -> None:
        """Do something beside what is being done; a failure is logged."""
        task = self.loop.create_task(self._guard(work, to))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: Awaitable[None], to: object) -> None:
        self._waiting[to] += 1
        try:
            await work
        except Exception as error:  # noqa: BLE001 - a connection that just ended
            logger.debug("A message could not be sent: %s", error)
        finally:
            self._waiting[to] -= 1
            if not self._waiting[to]:
                del self._waiting[to]

    # Sessions

    async def join(self, session: DeviceSession) -> None:
        """Take a session in; an older connection of the device is sent away."""
        identity = session.identity
        previous = await call_database(registry.claim, identity, self.worker)
        self._sessions[identity.connection] = session
        self._by_device[identity.slug].add(session)
        if identity.site:
            self._by_site[identity.site].add(session)
        if previous:
            await self.tell({"close": previous, "code": CloseCode.REPLACED})
        await self.tell({"show": {"type": "online", "device": identity.slug}})

    async def part(self, session: DeviceSession) -> None:
        """Let a session go."""
        identity = session.identity
        if self._sessions.pop(identity.connection, None) is None:
            return
        for index, key in (
            (self._by_device, identity.slug),
            (self._by_site, identity.site),
        ):
            index[key].discard(session)
            if not index[key]:
                del index[key]
        if await call_database(registry.release, identity):
            await self.tell({"show": {"type": "offline", "device": identity.slug}})

    def add_browser(self, browser: Browser) -> None:
        """Show everything to a page from now on."""
        self._browsers.add(browser)

    def remove_browser(self, browser: Browser) -> None:
        """Forget a page."""
        self._browsers.discard(browser)

    # Messages

    async def tell(self, message: Message) -> None:
        """Tell every worker; without a channel layer for now, at least our own."""
        try:
            await publish(message)
        except Exception as error:  # noqa: BLE001 - the next beat repairs what is shown
            self._report("the channel layer", error)
            self.deliver(message)

    def deliver(self, message: Message) -> None:
        """Hand a message to those of our sessions that it is for.

        `push` is an event for the `device` or the `site`, or for all if neither is
        there; `close` is a connection, `revoke` a device; `show` is for browsers.
        """
        if "push" in message:
            command = Command(message["push"], message["data"])
            for session in self._find(message):
                self._hand_over(session, session.send_command(command))
            self._show({**message, "type": "push"})
        elif "close" in message:
            replaced = self._sessions.get(message["close"])
            if replaced is not None:
                refusal = Refusal(CloseCode(message["code"]), "a newer connection")
                self.spawn(replaced.refuse(refusal))
        elif "revoke" in message:
            for session in list(self._by_device.get(message["revoke"], ())):
                refusal = Refusal(CloseCode.REVOKED_TOKEN, "its token was revoked")
                self.spawn(session.refuse(refusal))
        else:
            self._show(message["show"])

    def _find(self, message: Message) -> Iterable[DeviceSession]:
        if "device" in message:
            return list(self._by_device.get(message["device"], ()))
        if "site" in message:
            return list(self._by_site.get(message["site"], ()))
        return list(self._sessions.values())

    def _hand_over(self, session: DeviceSession, sending: Awaitable[None]) -> None:
        if self._waiting.get(session, 0) < MAX_WAITING:
            self.spawn(sending, session)
            return
        sending.close()  # type: ignore[attr-defined]
        refusal = Refusal(CloseCode.TOO_SLOW, f"{MAX_WAITING} messages wait for it")
        self.spawn(session.refuse(refusal))

    def _show(self, message: Message) -> None:
        for browser in list(self._browsers):
            if self._waiting.get(browser, 0) < MAX_WAITING:
                self.spawn(browser.show(message), browser)

    # Services

    async def _listen(self) -> None:
        layer = get_channel_layer()
        channel = None
        while True:
            try:
                channel = channel or await layer.new_channel()
                await layer.group_add(GROUP, channel)
                self._is_listening.set()
                while True:
                    message = await layer.receive(channel)
                    self.deliver({k: v for k, v in message.items() if k != "type"})
            except Exception as error:  # noqa: BLE001, PERF203 - Redis is away
                self._report("the channel layer", error)
                await asyncio.sleep(RETRY_S)

    async def _beat(self) -> None:
        while True:
            sessions = {key: each.identity for key, each in self._sessions.items()}
            try:
                beat = await call_database(registry.beat, self.worker, sessions)
            except Exception as error:  # noqa: BLE001 - PostgreSQL is away
                self._report("the database", error)
            else:
                self._heed(beat)
            await asyncio.sleep(registry.BEAT_S)

    def _heed(self, beat: registry.Beat) -> None:
        self._has_problem = False
        for key, refusal in beat.refusals.items():
            session = self._sessions.get(key)
            if session is not None:
                self.spawn(session.refuse(refusal))
        self._show({"type": "presence", "online": beat.online})

    async def _save(self, rows: list[Row]) -> None:
        await call_database(registry.save_readings, rows, thread="readings")
        shown = [[slug, at.timestamp(), values] for _, slug, at, values in rows]
        await self.tell({"show": {"type": "readings", "readings": shown}})

    def _report(self, name: str, error: Exception) -> None:
        # Once, not with every attempt.
        if not self._has_problem:
            self._has_problem = True
            text = (str(error).splitlines() or [type(error).__name__])[0]
            logger.error("%s does not answer, we go on trying: %s", name, text)


_hubs: dict[str, Hub] = {}


def running_hub() -> Hub | None:
    """Return the hub of this process, if its server runs."""
    hub = _hubs.get("server")
    return hub if hub and hub.loop.is_running() else None


async def ensure_hub() -> Hub:
    """Return the hub of this event loop; start it at the first call."""
    hub = _hubs.get("server")
    if hub is None or hub.loop is not asyncio.get_running_loop():
        hub = _hubs["server"] = Hub()
        await hub.start()
    return hub


async def stop_hub() -> None:
    """Stop the hub of this process, if there is one."""
    if hub := _hubs.pop("server", None):
        await hub.stop()
