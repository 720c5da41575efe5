"""The asyncio shell: `async with connect(uri) as socket`, `async for message in socket`.

Pings are answered while the application receives. Several tasks may send; one may
receive.
"""

import asyncio

from port import const, open_stream, ticks_ms
from port.aio import hang_up, make_waiter, read_soon, wait_connected, write_rest
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


class connect:
    """`await connect(uri)` or `async with connect(uri) as socket`.

    The arguments are those of `uwebsockets.client.connect`.
    """

    def __init__(
        self,
        uri: str,
        headers: dict[str, str] | None = None,
        subprotocols: tuple[str, ...] = (),
        token: str | None = None,
        ssl=True,
        timeout: float | None = 10,
        **options,
    ) -> None:
        self._arguments = prepare(uri, headers, subprotocols, token)
        self._ssl = ssl
        self._subprotocols = subprotocols
        self._timeout = timeout
        self._socket = WebSocket(**options)

    async def _open(self) -> "WebSocket":
        socket = self._socket
        try:
            await asyncio.wait_for(self._shake_hands(socket), self._timeout)
        except asyncio.TimeoutError:
            socket.abort()
            raise TimedOut
        except BaseException:
            socket.abort()
            raise
        socket.start()
        return socket

    async def _shake_hands(self, socket: "WebSocket") -> None:
        is_secure, host, port, request, key = self._arguments
        await socket.dial(host, port, self._ssl if is_secure else None)
        await socket.write_all(request)
        response = Response()
        while not response.read(socket):
            if not await socket.fill():
                raise HandshakeError("no answer")
        socket.subprotocol = response.check(key, self._subprotocols)

    def __await__(self):
        return self._open().__await__()

    def __iter__(self):  # What MicroPython calls for `await`.
        return self._open()

    async def __aenter__(self) -> "WebSocket":
        return await self._open()

    async def __aexit__(self, *error) -> None:
        await self._socket.close()


class WebSocket(Protocol):
    """A connection. Every method that waits may raise ConnectionClosed."""

    _stream = None
    _keeper = None
    _is_receiving = False
    _has_sent = False
    _is_sending = False
    close_timeout = 5.0

    def __aiter__(self) -> "WebSocket":
        return self

    async def __anext__(self):
        try:
            return await self.recv()
        except ConnectionClosed as error:
            if error.code not in (1000, 1001):
                raise
        raise StopAsyncIteration

    @property
    def open(self) -> bool:
        """Return whether messages can be sent."""
        return self.state == _OPEN

    def recv(self):
        """Await the next message: str for text, bytes for binary.

        It can be cancelled, for example by `asyncio.wait_for`; nothing is lost.
        """
        return self._skip() if self.is_streaming else self._next()

    async def _skip(self):
        while self.opcode:
            await self._next()  # The rest of a stream that was abandoned.
        self.is_streaming = False
        return await self._next()

    def recv_streaming(self) -> "Chunks":
        """Iterate over the next message in chunks: it may be larger than the memory.

        The chunks are memoryviews, valid until the next one. Those of a text are its
        UTF-8, cut anywhere.
        """
        self.is_streaming = self.is_streaming or not self.opcode
        return Chunks(self)

    async def send(self, message) -> None:
        """Send a text (str), a binary (bytes-like), or fragments from an iterable."""
        if isinstance(message, str):
            frames = ((_TEXT, message.encode(), True),)
        elif isinstance(message, BUFFERS):
            frames = ((_BINARY, message, True),)
        else:
            frames = fragments(message)
        await self._send(frames)
        if self._has_sent:
            await asyncio.sleep(0)  # Or a loop that only sends starves the others.
        self._has_sent = True

    async def ping(self, data: bytes = b"") -> None:
        """Send a ping; `recv` swallows the answer."""
        await self._send(((_PING, data, True),))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with the closing handshake; to close twice is fine."""
        try:
            if self.state == _OPEN:
                data = code.to_bytes(2, "big") + reason.encode()
                await self._send(((_CLOSE, data, True),))
                self.state = _CLOSING
            await asyncio.wait_for(self._wait_closed(), self.close_timeout)
        except (ConnectionClosed, OSError, asyncio.TimeoutError):
            pass
        self.abort()

    def abort(self) -> None:
        """Close the socket at once."""
        if self.state < _CLOSED:
            self.state = _CLOSED
        stream = self._stream
        self._stream = None
        if stream is not None:
            hang_up(stream, self._is_receiving)
        keeper = self._keeper
        self._keeper = None
        if keeper is not None and keeper is not asyncio.current_task():
            keeper.cancel()

    # What `connect` and the other transports stand on

    async def dial(self, host: str, port: int, ssl) -> None:
        """Connect the socket."""
        self._is_secure = ssl is not None
        self._stream, poll = open_stream(host, port, ssl)
        self._waiter = make_waiter(self._stream)
        await wait_connected(poll, self._stream)

    def start(self) -> None:
        """Begin to exchange messages."""
        self.state = _OPEN
        if self.ping_interval:
            self._keeper = asyncio.create_task(self._keep_alive())

    async def fill(self) -> bool:
        """Read what comes next; return False at the end of the stream."""
        self._is_receiving = True
        stream = self._stream
        size = None
        try:
            while size is None:
                size = await read_soon(self._waiter, self.space())
        finally:
            self._end_receiving(stream)
        self.feed(size)
        return size > 0

    def _end_receiving(self, stream) -> None:
        self._is_receiving = False
        if self._stream is not stream:  # Another task has hung up.
            stream.close()

    async def write_all(self, data: bytes) -> None:
        """Write bytes as they are."""
        await self._write_rest(self._write(data, 0, len(data)))

    async def _keep_alive(self) -> None:
        try:
            while self.state == _OPEN:
                if not self._is_receiving:
                    self._lacks_pong = False  # Nobody has looked for it.
                wait_ms = 20 if self.reply else self.keepalive(ticks_ms())
                if wait_ms:
                    await asyncio.sleep(wait_ms / 1000)
                elif self.reply:
                    await self._send(((0, b"", True),))
                else:
                    self.abort()
        except (ConnectionClosed, OSError):
            pass  # The task that receives is told.

    async def _wait_closed(self) -> None:
        while self._stream is not None:
            if self._is_receiving:
                await asyncio.sleep(0.02)
            else:
                await self._next()

    async def _next(self):
        if self._is_receiving:
            raise RuntimeError("another task receives from this connection")
        self._is_receiving = True
        self._has_sent = False
        stream = self._stream
        try:
            while True:
                message = self.parse()
                if message is not None:
                    return message
                if self.reply:
                    await self._send(((0, b"", True),))
                elif self.state >= _CLOSED:
                    await self._shut_down()
                else:
                    try:
                        size = await read_soon(self._waiter, self.space())
                    except OSError:
                        size = 0
                    if size is not None:
                        self.feed(size)
        finally:
            self._end_receiving(stream)

    async def _shut_down(self) -> None:
        """Wait for the server to close its side, close ours and raise the reason."""
        error = self.closed_error()
        # TLS on MicroPython may have swallowed the end of the stream already.
        if self._stream and self.close_code != 1006 and not self._is_secure:
            try:
                await asyncio.wait_for(self._read_away(), self.close_timeout)
            except (OSError, asyncio.TimeoutError):
                pass
        self.abort()
        raise error

    async def _read_away(self) -> None:
        while await read_soon(self._waiter, self._view) != 0:
            pass

    async def _send(self, frames) -> None:
        """Send frames one after the other, with nothing between; 0 is the reply."""
        # asyncio.Lock would cost half a kilobyte.
        while self._is_sending:
            await asyncio.sleep(0.002)
        self._is_sending = is_whole = True
        try:
            for opcode, data, is_last in frames:
                if not opcode and is_whole:
                    if not self.reply:
                        break  # Another task has sent it.
                    opcode = self.reply
                    data = self.reply_data
                    self.reply = 0
                elif self.state != _OPEN:
                    raise self.closed_error()
                is_whole = False
                offset = self.frame(opcode, data, is_last)
                while True:
                    rest = self._write(
                        self.tx, self.tx_start, self.tx_end - self.tx_start
                    )
                    if rest:
                        await self._write_rest(rest)
                    if offset >= len(data):
                        break
                    offset += self.block(data, offset)
                is_whole = is_last
        finally:
            self._is_sending = False
            if not is_whole:
                self.abort()  # Half a message cannot be taken back.

    def _write(self, data, start: int, size: int):
        """Write a part of a buffer; return what the stream did not take."""
        try:
            done = self._stream.write(data, start, size) or 0
        except OSError:
            if not self.state:
                raise
            self.abort()
            raise self.closed_error()
        if done < size:
            return bytes(memoryview(data)[start + done : start + size])
        return None

    async def _write_rest(self, rest) -> None:
        try:
            if rest:
                await write_rest(self._waiter, rest)
        except OSError:
            if not self.state:
                raise
            self.abort()
            raise self.closed_error()


class Chunks:
    """The chunks of one message."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._is_over = False

    def __aiter__(self) -> "Chunks":
        return self

    async def __anext__(self):
        if self._is_over:
            raise StopAsyncIteration
        socket = self._socket
        chunk = await socket._next()
        if not socket.opcode:
            socket.is_streaming = False
            self._is_over = True
        return chunk
