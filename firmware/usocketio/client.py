"""The blocking shell: `connect(uri)` returns a SocketIO to emit and listen with."""

import time

from port import ticks_add, ticks_diff, ticks_ms, urandom
from usocketio.exceptions import Disconnected, PacketError
from usocketio.packet import engine_uri
from usocketio.session import Session
from uwebsockets.client import connect as connect_websocket
from uwebsockets.exceptions import TimedOut, WebSocketError


def connect(
    uri: str,
    auth=None,
    namespaces: tuple[str, ...] = ("/",),
    timeout: float = 10,
    polling: bool = False,
    session: dict | None = None,
    **options,
) -> "SocketIO":
    """Return a SocketIO whose namespaces are connected.

    Args:
        uri: http:// or https://; a path is the endpoint's instead of /socket.io/.
        auth: a dict to send when a namespace is joined, or a function of its name.
        namespaces: the namespaces to join.
        timeout: seconds to connect, also each time it reconnects.
        polling: begin with HTTP long-polling and upgrade if the server lets us.
        session: queue_size, delay_min, delay_max of `Session`.
        options: those of `uwebsockets.client.connect`, for example token, headers, ssl.

    Raises:
        ConnectError: if the server refused every namespace.
        PacketError, OSError and the errors of uwebsockets: if there is no connection.
    """
    socketio = SocketIO(namespaces, auth, **(session or {}))
    socketio.dial(
        engine_uri(uri, "polling" if polling else "websocket"), timeout, options
    )
    return socketio


class SocketIO(Session):
    """A client. Nothing happens by itself: `run_forever` or `run_for` let it work."""

    _transport = None
    _retry_at = None
    closed = False

    def __enter__(self) -> "SocketIO":
        return self

    def __exit__(self, *error) -> None:
        self.close()
        self._call_handlers()

    @property
    def connected(self) -> bool:
        """Return whether a namespace is connected."""
        return bool(self.sids)

    def emit(self, event: str, *arguments, namespace: str = "/", callback=None) -> None:
        """Send an event, or keep it until there is a connection.

        Args:
            event: its name.
            arguments: what JSON can hold, and bytes anywhere in it.
            namespace: one of those that were joined.
            callback: is called with the arguments of the server's ack.
        """
        if self.closed:
            raise Disconnected
        self.enqueue(event, arguments, namespace, callback)
        self._flush()

    def call(self, event: str, *arguments, namespace: str = "/", timeout: float = 60):
        """Send an event and return the ack: None, its argument or a tuple of them.

        Raises:
            TimedOut: if none came in time.
            Disconnected: if the connection was lost before it came.
        """
        box: list = []

        def fill(*values):
            box.append(values)

        self.emit(event, *arguments, namespace=namespace, callback=fill)
        deadline = ticks_add(ticks_ms(), int(timeout * 1000))
        try:
            while not box:
                if not self.is_waiting(fill):
                    raise Disconnected
                if ticks_diff(deadline, ticks_ms()) <= 0:
                    raise TimedOut
                self._step(deadline)
        finally:
            self.withdraw(fill)
        values = box[0]
        return values if len(values) > 1 else values[0] if values else None

    def run_forever(self) -> None:
        """Call the handlers and reconnect, until `close` or the server sends us away.

        Raises:
            ConnectError: if the server refuses us when we come back.
        """
        while not self.closed or self.inbox:
            self._step(None)

    def run_for(self, seconds: float) -> None:
        """Do the same for so many seconds, 0 for what is there."""
        deadline = ticks_add(ticks_ms(), int(seconds * 1000))
        while not self.closed:
            self._step(deadline)
            if ticks_diff(deadline, ticks_ms()) <= 0 and not self.inbox:
                return

    def close(self) -> None:
        """Leave the namespaces and close the connection for good."""
        if not self.closed:
            self.closed = True
            self.leave()
            self._flush()
            self._hang_up("client")

    # The connection

    def dial(self, uri: str, timeout: float, options: dict) -> None:
        """Connect for the first time."""
        self._dialled = uri, timeout, options
        try:
            self._connect()
        except BaseException:
            self.closed = True
            self._hang_up("client")
            raise

    def _connect(self) -> None:
        uri, timeout, options = self._dialled
        if "transport=polling" in uri:
            from usocketio.polling import connect as connect_transport
        else:
            connect_transport = connect_websocket
        deadline = ticks_add(ticks_ms(), int(timeout * 1000))
        self._transport = connect_transport(uri, timeout=timeout, **options)
        while not self.is_ready():
            if not self._receive(deadline):
                raise Disconnected
            if ticks_diff(deadline, ticks_ms()) <= 0:
                raise TimedOut
            self._flush()

    def _receive(self, deadline) -> bool:
        """Wait for a message and take it; return False at the end."""
        now = ticks_ms()
        wait_ms = self.patience_ms(now)
        if wait_ms == 0:
            return False
        if deadline is not None:
            left = max(ticks_diff(deadline, now), 0)
            wait_ms = left if wait_ms is None else min(left, wait_ms)
        self._transport.settimeout(None if wait_ms is None else wait_ms / 1000)
        try:
            message = self._transport.recv()
        except TimedOut:
            return True
        return self.receive(message, ticks_ms())

    def _flush(self) -> None:
        """Send what can be sent."""
        try:
            while self._transport is not None:
                messages = self.outbox
                if messages:
                    self.outbox = []
                else:
                    messages = self.next_queued()
                    if messages is None:
                        return
                self._transport.settimeout(self._dialled[1])
                for message in messages:
                    self._transport.send(message)
        except (OSError, WebSocketError):
            self._hang_up("transport")

    def _step(self, deadline) -> None:
        """Do one thing: call the handlers, receive a message, or reconnect."""
        if self.inbox:
            self._call_handlers()
            return
        if self.is_dismissed:
            self.close()
            return
        if self._transport is None:
            self._reconnect(deadline)
            return
        reason = "transport"
        try:
            if self._receive(deadline):
                reason = ""
                self.is_ready()
        except PacketError:
            reason = "parse error"
        except (OSError, WebSocketError):
            pass
        if reason:
            self._hang_up(reason)
        self._flush()

    def _reconnect(self, deadline) -> None:
        now = ticks_ms()
        if self._retry_at is None:
            self._retry_at = ticks_add(now, self.next_delay_ms(urandom(1)[0]))
        wait_ms = ticks_diff(self._retry_at, now)
        if deadline is not None:
            wait_ms = min(wait_ms, ticks_diff(deadline, now))
        if wait_ms > 0:
            time.sleep(wait_ms / 1000)
            return
        self._retry_at = None
        try:
            self._connect()
        except (OSError, WebSocketError, PacketError, Disconnected):
            self._hang_up("transport")
        self._flush()

    def _hang_up(self, reason: str) -> None:
        transport = self._transport
        self._transport = None
        self.lose(reason)
        if transport is not None:
            transport.close_timeout = 1
            transport.close()

    def _call_handlers(self) -> None:
        while self.inbox:
            namespace, event, arguments, number = self.inbox.pop(0)
            if event is None:
                number(*arguments)
            else:
                for handler in self.handlers(namespace, event):
                    result = handler(self, *arguments)
                    if event not in ("connect", "disconnect", "connect_error"):
                        self.acknowledge(namespace, number, result)
                        number = None
                self._flush()
