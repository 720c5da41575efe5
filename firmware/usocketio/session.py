"""A Socket.IO session without I/O: what to send and what to call.

The shells hand every message to `receive()`, send what is in `outbox`, then what
`next_queued()` gives, and call the handlers for what is in `inbox`.
"""

import json

from port import const, ticks_add, ticks_diff
from usocketio.exceptions import ConnectError, PacketError
from usocketio.packet import RESERVED, decode, encode, join_binary

_EVENT = const(2)
_ACK = const(3)


class Session:
    """The state of a client that outlives its connections.

    Args:
        namespaces: the namespaces to join.
        auth: a dict for CONNECT, or a function that returns one for a namespace.
        queue_size: how many events are kept while there is no connection; the oldest
            are dropped and counted in `dropped`.
        delay_min, delay_max: seconds before the first attempt to reconnect, and at most.
    """

    def __init__(
        self,
        namespaces: tuple[str, ...] = ("/",),
        auth=None,
        queue_size: int = 16,
        delay_min: float = 1,
        delay_max: float = 30,
    ) -> None:
        self.namespaces = namespaces
        self._auth = auth
        self._queue_size = queue_size
        self._delay = delay_min, delay_max
        self._handlers: dict = {}
        # Namespaces that are connected, and our id in each.
        self.sids: dict[str, str] = {}
        self.refused: dict[str, object] = {}
        # Events that no socket has seen: (namespace, head, body, attachments, callback).
        self._queue: list = []
        self.dropped = 0
        self._acks: dict = {}
        self._number = 0
        self.outbox: list = []
        # What to call: (namespace, event, arguments, number or callback).
        self.inbox: list = []
        self._early: list = []
        self._packet: list | None = None
        self._attachments: list = []
        # The server sent us away from every namespace: we do not come back unasked.
        self.is_dismissed = False
        self.sid = ""
        self.attempts = 0
        self._patience = 0
        self._deadline = None

    # Handlers

    def on(self, event: str, namespace: str = "/"):
        """Return a decorator that registers a handler: handler(socketio, *arguments).

        What it returns is the ack, if the server asked for one: nothing, one value, or
        a tuple of several. `connect`, `disconnect` and `connect_error` are called too.
        """

        def register(handler):
            self._handlers.setdefault((namespace, event), []).append(handler)
            return handler

        return register

    def handlers(self, namespace: str, event: str) -> list:
        """Return the handlers of an event."""
        return self._handlers.get((namespace, event), [])

    # Sending

    def enqueue(self, event: str, arguments, namespace: str, callback) -> None:
        """Put an event behind what waits to be sent."""
        if event in RESERVED:
            raise ValueError("event name %r is reserved" % event)
        if namespace not in self.namespaces:
            raise ValueError("namespace %r is not joined" % namespace)
        item = encode(_EVENT, namespace, (event,) + arguments)
        if len(self._queue) >= self._queue_size:
            self._queue.pop(0)
            self.dropped += 1
        self._queue.append((namespace, item, callback))

    def next_queued(self):
        """Return the messages of the next event that can be sent, or None.

        From here on it counts as seen: it is sent at most once.
        """
        for i in range(len(self._queue)):
            namespace, (head, body, attachments), callback = self._queue[i]
            if namespace in self.sids:
                self._queue.pop(i)
                if callback is not None:
                    self._number += 1
                    self._acks[self._number] = callback
                    head += str(self._number)
                return [head + body] + attachments
        return None

    def is_waiting(self, callback) -> bool:
        """Return whether the callback's ack can still come."""
        if callback in self._acks.values():
            return True
        return any(item[-1] is callback for item in self._queue + self.inbox)

    def withdraw(self, callback) -> None:
        """Forget an event that has not been sent, and an ack that has not come."""
        self._queue = [item for item in self._queue if item[-1] is not callback]
        for number in self._acks:
            if self._acks[number] is callback:
                del self._acks[number]
                return

    def acknowledge(self, namespace: str, number, result) -> None:
        """Answer an event with what its handler returned."""
        if number is None or namespace not in self.sids:
            return
        if not isinstance(result, tuple):
            result = () if result is None else (result,)
        head, body, attachments = encode(_ACK, namespace, result)
        self.outbox += [head + str(number) + body] + attachments

    def leave(self) -> None:
        """Say goodbye to every namespace."""
        for namespace in self.sids:
            self.outbox.append(encode(1, namespace, None)[0])
        self.outbox.append("1")

    # Receiving

    def receive(self, message, now) -> bool:
        """Take a message; return False if the server closed the connection."""
        self._deadline = ticks_add(now, self._patience) if self._patience else None
        if not isinstance(message, str):
            self._receive_attachment(message)
            return True
        kind = message[:1]
        if self._packet is not None and kind == "4":
            raise PacketError("an attachment is missing")
        if kind == "0":
            self._open(message[1:], now)
        elif kind == "1":
            return False
        elif kind == "2":
            self.outbox.append("3" + message[1:])
        elif kind == "4":
            packet = decode(message[1:])
            if packet[4]:
                self._packet = packet
                self._attachments = []
            else:
                self._handle(packet)
        elif kind not in ("3", "6"):
            raise PacketError("not Engine.IO: " + message[:20])
        return True

    def _open(self, text: str, now) -> None:
        try:
            opening = json.loads(text)
            self.sid = opening["sid"]
            interval = opening["pingInterval"]
            # python-engineio tells an interval below a second as 0.
            self._patience = interval and interval + opening["pingTimeout"]
        except (ValueError, KeyError, TypeError):
            raise PacketError("not Engine.IO: " + text[:20])
        if self._patience:
            self._deadline = ticks_add(now, self._patience)
        for namespace in self.namespaces:
            auth = self._auth(namespace) if callable(self._auth) else self._auth
            head, body, _ = encode(0, namespace, auth)
            self.outbox.append(head + body)

    def _receive_attachment(self, data) -> None:
        packet = self._packet
        if packet is None:
            raise PacketError("an unexpected attachment")
        self._attachments.append(data)
        if len(self._attachments) == packet[4]:
            self._packet = None
            packet[3] = join_binary(packet[3], self._attachments)
            self._attachments = []
            self._handle(packet)

    def _handle(self, packet: list) -> None:
        kind, namespace, number, data, _ = packet
        if kind == 0:
            self.sids[namespace] = (data or {}).get("sid", "")
            self.refused.pop(namespace, None)
            self.attempts = 0
            self.inbox.append((namespace, "connect", (), None))
            # python-socketio sends events before its answer to CONNECT.
            self.inbox += [item for item in self._early if item[0] == namespace]
            self._early = [item for item in self._early if item[0] != namespace]
        elif kind == 1:
            if self.sids.pop(namespace, None) is not None:
                self.inbox.append((namespace, "disconnect", ("server",), None))
            self.is_dismissed = not self.sids
        elif kind == 4:
            self.sids.pop(namespace, None)
            self.refused[namespace] = data
            self.inbox.append((namespace, "connect_error", (data,), None))
        elif kind in (3, 6):
            callback = self._acks.pop(number, None)
            if callback is not None:
                self.inbox.append((namespace, None, data, callback))
        else:
            box = self.inbox if namespace in self.sids else self._early
            box.append((namespace, data[0], data[1:], number))

    # The connection

    def is_ready(self) -> bool:
        """Return whether every namespace is answered; raise if all were refused."""
        count = len(self.sids) + len(self.refused)
        if not self.sids and self.refused and count >= len(self.namespaces):
            for namespace in self.refused:
                raise ConnectError(namespace, self.refused[namespace])
        return count >= len(self.namespaces)

    def patience_ms(self, now) -> int | None:
        """Return how long the server may be silent; 0 if it was for too long."""
        if self._deadline is None:
            return None
        return max(ticks_diff(self._deadline, now), 0)

    def forget_patience(self) -> None:
        """Stop to wait for the server's heartbeat."""
        self._patience = 0
        self._deadline = None

    def lose(self, reason: str) -> None:
        """Forget what belongs to a connection: it is lost."""
        for namespace in self.sids:
            self.inbox.append((namespace, "disconnect", (reason,), None))
        self.sids = {}
        self.refused = {}
        self._acks = {}
        self.outbox = []
        self._early = []
        self._packet = None
        self.forget_patience()

    def next_delay_ms(self, random_byte: int) -> int:
        """Return how long to wait before the next attempt to connect."""
        low, high = self._delay
        delay = min(low * 2 ** min(self.attempts, 10), high)
        self.attempts += 1
        # Half of it is jitter: after an outage not all devices come back at once.
        return int(delay * 1000 * (256 + random_byte) / 512)
