"""The blocking shell: `connect(uri)` returns a WebSocket to send and receive with."""

from port import (
    const,
    open_stream,
    ticks_add,
    ticks_diff,
    ticks_ms,
    wait_for,
)
from uwebsockets.exceptions import ConnectionClosed, HandshakeError, TimedOut
from uwebsockets.handshake import Response, prepare
from uwebsockets.protocol import BUFFERS, Protocol, fragments

# As in `protocol`; the compiler folds constants within a module only.
_TEXT = const(1)
_BINARY = const(2)
_CLOSE = const(8)
_PING = const(9)
_OPEN = const(1)
_CLOSING = const(2)
_CLOSED = const(3)
_FAILED = const(4)
# What to wait for, as in `select`.
_POLLIN = const(1)
_POLLOUT = const(4)


def connect(
    uri: str,
    headers: dict[str, str] | None = None,
    subprotocols: tuple[str, ...] = (),
    token: str | None = None,
    ssl=True,
    timeout: float | None = 10,
    **options,
) -> "WebSocket":
    """Return an open WebSocket.

    Args:
        uri: ws:// or wss://, with user:password@ for basic authentication.
        headers: more headers of the request.
        subprotocols: names to offer; `.subprotocol` is the server's choice.
        token: is sent as a bearer token.
        ssl: for wss://, see `port.tls`.
        timeout: seconds for the handshake, None for ever. Afterwards `recv` waits for
            ever, until `settimeout` says otherwise.
        options: buffer_size, max_size, ping_interval, ping_timeout of `Protocol`.

    Raises:
        InvalidURI, HandshakeError, InvalidStatus, Redirect: as their names say.
        OSError: if there is no connection; TimedOut is one.
    """
    is_secure, host, port, request, key = prepare(uri, headers, subprotocols, token)
    socket = WebSocket(**options)
    try:
        socket.dial(host, port, ssl if is_secure else None, timeout)
        socket.write(request, 0, len(request))
        response = Response()
        while not response.read(socket):
            if not socket.fill():
                raise HandshakeError("no answer")
        socket.subprotocol = response.check(key, subprotocols)
    except BaseException:
        socket.abort()
        raise
    socket.state = _OPEN
    socket.settimeout(None)
    return socket


class WebSocket(Protocol):
    """A connection. Every method that waits may raise TimedOut or ConnectionClosed."""

    _stream = None
    close_timeout = 5.0

    def __enter__(self) -> "WebSocket":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def __iter__(self):
        """Iterate over the messages until the connection is closed."""
        try:
            while True:
                yield self.recv()
        except ConnectionClosed as error:
            if error.code not in (1000, 1001):
                raise

    @property
    def open(self) -> bool:
        """Return whether messages can be sent."""
        return self.state == _OPEN

    def settimeout(self, timeout: float | None) -> None:
        """Let each call wait so many seconds, None for ever."""
        self._timeout = None if timeout is None else int(timeout * 1000)
        self._deadline = None

    def recv(self):
        """Return the next message: str for text, bytes for binary.

        After TimedOut nothing is lost: call it again.
        """
        if self._timeout is not None:
            self._clock()
        if self.is_streaming:
            while self.opcode:
                self._next()  # The rest of a stream that was abandoned.
            self.is_streaming = False
        return self._next()

    def recv_streaming(self):
        """Iterate over the next message in chunks: it may be larger than the memory.

        The chunks are memoryviews, valid until the next one. Those of a text are its
        UTF-8, cut anywhere. After TimedOut a new iteration goes on with the message.
        """
        self.is_streaming = self.is_streaming or not self.opcode
        while True:
            self._clock()
            chunk = self._next()
            if not self.opcode:
                self.is_streaming = False
            yield chunk
            if not self.opcode:
                return

    def send(self, message) -> None:
        """Send a text (str), a binary (bytes-like), or fragments from an iterable."""
        if isinstance(message, str):
            self._send(_TEXT, message.encode())
        elif isinstance(message, BUFFERS):
            self._send(_BINARY, message)
        else:
            is_whole = True
            try:
                for opcode, data, is_last in fragments(message):
                    is_whole = False
                    self._send(opcode, data, is_last)
                    is_whole = is_last
            finally:
                if not is_whole:
                    self.abort()  # Half a message cannot be taken back.

    def ping(self, data: bytes = b"") -> None:
        """Send a ping; `recv` swallows the answer."""
        self._send(_PING, data)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with the closing handshake; to close twice is fine."""
        self.settimeout(self.close_timeout)
        try:
            if self.state == _OPEN:
                self._send(_CLOSE, code.to_bytes(2, "big") + reason.encode())
                self.state = _CLOSING
            while True:
                self._next()
        except (ConnectionClosed, OSError):
            self.abort()

    def abort(self) -> None:
        """Close the socket at once."""
        if self.state < _CLOSED:
            self.state = _CLOSED
        stream = self._stream
        self._stream = None
        if stream is not None:
            stream.close()

    # What `connect` and the other transports stand on

    def dial(self, host: str, port: int, ssl, timeout: float | None) -> None:
        """Connect the socket."""
        self.settimeout(timeout)
        self._clock()
        self._is_secure = ssl is not None
        self._stream, self._poll = open_stream(host, port, ssl)
        self._wait(_POLLOUT)

    def fill(self) -> bool:
        """Read what comes next; return False at the end of the stream."""
        space = self.space()
        while True:
            try:
                # First, since the answer is often there: it saves a call of poll.
                size = self._stream.readinto(space)
            except OSError:
                if not self.state:
                    raise
                size = 0
            if size is not None:
                self.feed(size)
                return size > 0
            self._wait(_POLLIN)
            if self.reply or self.state == _FAILED:
                return True

    def write(self, data, start: int, size: int) -> None:
        """Write a part of a buffer as it is."""
        while size:
            try:
                done = self._stream.write(data, start, size)
                if done is None:
                    self._wait(_POLLOUT)
                    done = 0
            except OSError as error:
                was_open = self.state
                self.abort()  # Half a frame cannot be taken back.
                if was_open and not isinstance(error, TimedOut):
                    raise self.closed_error()
                raise
            start += done
            size -= done

    def _clock(self) -> None:
        timeout = self._timeout
        self._deadline = None if timeout is None else ticks_add(ticks_ms(), timeout)

    def _wait(self, mask: int) -> None:
        """Wait for the socket, or until the keepalive wants something."""
        wait_ms = -1
        if self._deadline is not None:
            wait_ms = max(ticks_diff(self._deadline, ticks_ms()), 0)
        may_raise = wait_ms >= 0
        if self.ping_interval and mask == _POLLIN:
            alive_ms = self.keepalive(ticks_ms())
            if alive_ms >= 0 and (not may_raise or alive_ms <= wait_ms):
                wait_ms = alive_ms
                may_raise = False
        if not wait_for(self._poll, self._stream, mask, wait_ms) and may_raise:
            raise TimedOut

    def _next(self):
        while True:
            message = self.parse() if self._end > self._start else None
            if message is not None:
                return message
            if self.reply:
                self.frame(self.reply, self.reply_data)
                self.reply = 0
                self.write(self.tx, self.tx_start, self.tx_end - self.tx_start)
            elif self.state >= _CLOSED:
                self._shut_down()
            else:
                self.fill()

    def _shut_down(self) -> None:
        """Wait for the server to close its side, close ours and raise the reason."""
        try:
            # TLS on MicroPython may have swallowed the end of the stream already.
            if self.close_code != 1006 and not self._is_secure:
                if self._deadline is None:
                    self._deadline = ticks_add(ticks_ms(), 5000)
                while self._stream and self._stream.readinto(self._view) != 0:
                    self._wait(_POLLIN)
        except OSError:
            pass
        self.abort()
        raise self.closed_error()

    def _send(self, opcode: int, data, is_last: bool = True) -> None:
        if self.state != _OPEN:
            raise self.closed_error()
        if self._timeout is not None:
            self._clock()
        offset = self.frame(opcode, data, is_last)
        while True:
            self.write(self.tx, self.tx_start, self.tx_end - self.tx_start)
            if offset >= len(data):
                return
            offset += self.block(data, offset)
