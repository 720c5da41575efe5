"""The asyncio shell: `async with connect(uri) as socketio`.

A task of its own receives, answers the heartbeat, calls the handlers and reconnects.
Handlers may be functions or coroutines; each coroutine runs as a task.
"""

import asyncio

from port import ticks_ms, urandom
from usocketio.exceptions import Disconnected, PacketError
from usocketio.packet import RESERVED, engine_uri
from usocketio.session import Session
from uwebsockets.aio import connect as connect_websocket
from uwebsockets.exceptions import TimedOut, WebSocketError


class connect(connect_websocket):
    """`await connect(uri)` or `async with connect(uri) as socketio`.

    The arguments are those of `usocketio.client.connect`.
    """

    def __init__(
        self,
        uri: str,
        auth=None,
        namespaces: tuple[str, ...] = ("/",),
        timeout: float = 10,
        polling: bool = False,
        session: dict | None = None,
        **options,
    ) -> None:
        uri = engine_uri(uri, "polling" if polling else "websocket")
        self._socket = SocketIO(namespaces, auth, **(session or {}))
        self._socket.target = uri, timeout, options  # type: ignore[attr-defined]

    async def _open(self) -> "SocketIO":
        return await self._socket.open()  # type: ignore[operator]


class SocketIO(Session):
    """A client; its own task does the work."""

    target: tuple = ()
    _transport = None
    _task: "asyncio.Task | None" = None
    _watch_task: "asyncio.Task | None" = None
    error = None
    _tasks: "tuple | list" = ()  # Handlers at work: CPython's loop does not hold them.
    _is_flushing = False
    closed = False

    @property
    def connected(self) -> bool:
        """Return whether a namespace is connected."""
        return bool(self.sids)

    async def emit(
        self, event: str, *arguments, namespace: str = "/", callback=None
    ) -> None:
        """Send an event, or keep it until there is a connection.

        The arguments are those of `usocketio.client.SocketIO.emit`.
        """
        if self.closed:
            raise Disconnected
        self.enqueue(event, arguments, namespace, callback)
        await self._flush()

    async def call(
        self, event: str, *arguments, namespace: str = "/", timeout: float = 60
    ):
        """Send an event and return the ack: None, its argument or a tuple of them.

        Raises:
            TimedOut: if none came in time.
            Disconnected: if the connection was lost before it came.
        """
        box: list = []
        is_over = asyncio.Event()

        def fill(*values):
            box.append(values)
            is_over.set()

        self._calls.append(is_over)
        try:
            await self.emit(event, *arguments, namespace=namespace, callback=fill)
            while not box:
                if not self.is_waiting(fill):
                    raise Disconnected
                is_over.clear()
                await asyncio.wait_for(is_over.wait(), timeout)
        except asyncio.TimeoutError:
            raise TimedOut
        finally:
            self._calls.remove(is_over)
            self.withdraw(fill)
        values = box[0]
        return values if len(values) > 1 else values[0] if values else None

    async def wait(self) -> None:
        """Wait until the client is closed, or the server sends it away.

        Raises:
            ConnectError: if the server refuses us when we come back.
            Exception: what a handler raised that is a function; it closes the client.
        """
        # To await the task itself would cancel it with the one that waits.
        while not self._task.done():
            await asyncio.sleep(0.1)
        if self.error is not None:
            raise self.error

    async def close(self) -> None:
        """Leave the namespaces and close the connection for good."""
        if not self.closed:
            self.closed = True
            self.leave()
            await self._flush()
            await self._hang_up("client")
        for task in (self._task, self._watch_task):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self._call_handlers()

    # The connection

    async def open(self) -> "SocketIO":
        """Connect for the first time and start the task."""
        self._calls: list = []
        try:
            await self._connect()
        except BaseException:
            self.closed = True
            await self._hang_up("client")
            raise
        self._task = asyncio.create_task(self._run())
        self._watch_task = asyncio.create_task(self._watch())
        return self

    async def _connect(self) -> None:
        try:
            await asyncio.wait_for(self._join(), self.target[1])
        except asyncio.TimeoutError:
            raise TimedOut

    async def _join(self) -> None:
        uri, timeout, options = self.target
        if "transport=polling" in uri:
            from usocketio.polling_aio import connect as connect_transport
        else:
            connect_transport = connect_websocket
        self._transport = await connect_transport(uri, timeout=timeout, **options)
        while not self.is_ready():
            if not await self._receive():
                raise Disconnected
            await self._flush()

    async def _receive(self) -> bool:
        message = await self._transport.recv()  # type: ignore[attr-defined]
        return self.receive(message, ticks_ms())

    async def _flush(self) -> None:
        """Send what can be sent; a task that does so already takes the rest along."""
        if self._is_flushing:
            return
        self._is_flushing = True
        try:
            while self._transport is not None:
                messages = self.outbox
                if messages:
                    self.outbox = []
                else:
                    messages = self.next_queued()
                    if messages is None:
                        return
                for message in messages:
                    await self._transport.send(message)
        except (OSError, WebSocketError):
            pass  # The task that receives meets the same end.
        finally:
            self._is_flushing = False

    async def _run(self) -> None:
        try:
            while not self.closed:
                self._call_handlers()
                if self.is_dismissed:
                    self.closed = True
                    await self._hang_up("server")
                elif self._transport is None:
                    await self._reconnect()
                else:
                    await self._take()
        except Exception as error:  # noqa: BLE001 - a refusal, or what a handler raised
            self.error = error
            self.closed = True
            await self._hang_up("refused")
        self._call_handlers()

    async def _take(self) -> None:
        reason = "transport"
        try:
            if await self._receive():
                reason = ""
                self.is_ready()
        except PacketError:
            reason = "parse error"
        except (OSError, WebSocketError):
            pass
        if reason:
            await self._hang_up(reason)
        await self._flush()

    async def _watch(self) -> None:
        """Break a connection off whose server has been silent for too long."""
        while not self.closed:
            wait_ms = self.patience_ms(ticks_ms())
            if wait_ms == 0:
                self.forget_patience()
                self._transport.abort()  # type: ignore[attr-defined]
            await asyncio.sleep((wait_ms or 500) / 1000)

    async def _reconnect(self) -> None:
        await asyncio.sleep(self.next_delay_ms(urandom(1)[0]) / 1000)
        try:
            await self._connect()
            await self._flush()
        except (OSError, WebSocketError, PacketError, Disconnected):
            await self._hang_up("transport")

    async def _hang_up(self, reason: str) -> None:
        transport = self._transport
        self._transport = None
        self.lose(reason)
        for is_over in self._calls:
            is_over.set()
        if transport is not None:
            transport.close_timeout = 1
            await transport.close()

    def _call_handlers(self) -> None:
        while self.inbox:
            namespace, event, arguments, number = self.inbox.pop(0)
            if event is None:
                number(*arguments)
            else:
                for handler in self.handlers(namespace, event):
                    if event in RESERVED:
                        number = None
                    result = handler(self, *arguments)
                    if number is not None or hasattr(result, "throw"):
                        answering = self._answer(result, namespace, number)
                        self._tasks = [task for task in self._tasks if not task.done()]
                        self._tasks.append(asyncio.create_task(answering))
                    number = None

    async def _answer(self, result, namespace: str, number) -> None:
        if hasattr(result, "throw"):  # A coroutine, which is a generator here.
            result = await result
        self.acknowledge(namespace, number, result)
        await self._flush()
