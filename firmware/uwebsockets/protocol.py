"""The WebSocket protocol after the handshake, without sockets and without a clock.

The shells feed it: they read from the network into `space()`, say with `feed()` how
much came, and call `parse()` until it returns a message. Frames to send are built in
`tx`; the shells write `tx[tx_start:tx_end]`. Nothing received is ever lost: a shell
that gives up waiting goes on later where it stopped.
"""

from port import BUFFER_SIZE, MAX_SIZE, const, ticks_add, ticks_diff, urandom
from uwebsockets.exceptions import ConnectionClosed, ProtocolError

_TEXT = const(1)
_BINARY = const(2)
_CLOSE = const(8)
_PING = const(9)
_PONG = const(10)

# The states, in the order in which they pass. FAILED: we broke the connection off.
_CONNECTING = const(0)
_OPEN = const(1)
_CLOSING = const(2)
_CLOSED = const(3)
_FAILED = const(4)

# What is sent as a binary message; written out where it is used, it would allocate.
BUFFERS = (bytes, bytearray, memoryview)

# Payloads begin here in `tx`: behind the longest header, on a word boundary.
_PAYLOAD = const(16)


def check_utf8(state: int, data) -> int:
    """Return the state after more bytes of UTF-8: 0 between characters, -1 if invalid.

    MicroPython's own decoder accepts overlong forms and surrogates. The state holds
    the bytes that lack, and the range of the next.
    """
    if not state and (not data or max(data) < 128):
        return 0
    lack = state & 3
    low = state >> 8 & 255
    high = state >> 16
    for byte in data:
        if lack:
            if not low <= byte <= high:
                return -1
            lack -= 1
            low = 0x80
            high = 0xBF
        elif byte >= 128:
            if not 0xC2 <= byte <= 0xF4:
                return -1
            lack = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
            low = 0xA0 if byte == 0xE0 else 0x90 if byte == 0xF0 else 0x80
            high = 0x9F if byte == 0xED else 0x8F if byte == 0xF4 else 0xBF
    return lack and lack | low << 8 | high << 16


def mask_loop(target, start: int, data, offset: int, size: int) -> None:
    """Copy `size` bytes of the data, masked with the four bytes before `start`.

    Nothing is allocated. Source of masking: RFC 6455, 5.3.
    """
    key = start - 4
    a = target[key]
    b = target[key + 1]
    c = target[key + 2]
    d = target[key + 3]
    end = start + (size & ~3)
    while start < end:
        target[start] = data[offset] ^ a
        target[start + 1] = data[offset + 1] ^ b
        target[start + 2] = data[offset + 2] ^ c
        target[start + 3] = data[offset + 3] ^ d
        start += 4
        offset += 4
    size &= 3
    while size:
        size -= 1
        target[start + size] = data[offset + size] ^ target[key + size]


def mask_block(target, start: int, data, offset: int, size: int) -> None:
    """Do the same through large integers: ten times as fast, but they are allocated."""
    key = int.from_bytes(bytes(target[start - 4 : start]) * 64, "little")
    data = memoryview(data)
    end = start + size
    while start < end:
        size = min(end - start, 256)
        if size < 256:
            key &= (1 << size * 8) - 1
        block = int.from_bytes(data[offset : offset + size], "little") ^ key
        target[start : start + size] = block.to_bytes(size, "little")
        start += size
        offset += size


try:
    from uwebsockets.mask_viper import mask as mask_words
except (ImportError, SyntaxError, ValueError, MemoryError):
    # No viper on this port, or no room for machine code: bytecode masks.
    mask_words = None


def fragments(parts):
    """Yield (opcode, data, is last) for the frames of a message given in parts."""
    opcode = 0
    data = None
    for part in parts:
        if data is None:
            opcode = _TEXT if isinstance(part, str) else _BINARY
        else:
            yield opcode, data, False
            opcode = 0
        data = part.encode() if isinstance(part, str) else part
    if data is not None:
        yield opcode, data, True


def _to_bytes(data):
    try:
        return bytes(data)
    except MemoryError:
        if not isinstance(data, bytearray):
            raise
        return data  # There is no room for another copy.


class Protocol:
    """One connection's frames.

    Args:
        buffer_size: bytes of each of the two buffers, at least 256. A message that fits
            is sent by one write and without an allocation.
        max_size: the largest message to receive in one piece, None for no limit.
        ping_interval: seconds from one ping to the next, 0 for none.
        ping_timeout: seconds to wait for a pong.
        entropy: `urandom`, or the same of a port that has none.
    """

    state = _CONNECTING
    subprotocol = None
    close_code = 1006
    close_reason = ""
    # A control frame that the shell has to send: its opcode, 0 for none.
    reply = 0
    reply_data = b""
    # The message under way: its opcode, 0 for none.
    opcode = 0
    is_streaming = False
    _is_last = False
    # Bytes of the current frame's payload still to come, -1 between frames.
    _left = -1
    _body = None
    _masks = b""
    _mask_at = 0
    _ping_due = None
    _lacks_pong = False

    def __init__(
        self,
        buffer_size: int = BUFFER_SIZE,
        max_size: int | None = MAX_SIZE,
        ping_interval: float = 0,
        ping_timeout: float = 10,
        entropy=urandom,
    ) -> None:
        buffer_size = max(buffer_size + 3 & ~3, 256)
        self._rx = bytearray(buffer_size)
        self._view = memoryview(self._rx)
        self._start = self._end = 0
        self.tx = bytearray(_PAYLOAD + buffer_size)
        self.tx_start = self.tx_end = 0
        self.max_size = max_size
        self._entropy = entropy
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout

    # Receiving

    def space(self):
        """Return the memory for the next bytes from the network."""
        start = self._start
        left = self._end - start
        if left and start:
            self._rx[:left] = bytes(self._view[start : self._end])
        self._start = 0
        self._end = left
        return self._view[left:] if left else self._view

    def feed(self, size: int) -> None:
        """Note that `size` bytes have come into `space()`; 0 is the end."""
        self._end += size
        if not size and self.state < _CLOSED:
            self.state = _CLOSED

    def read_line(self) -> bytes | None:
        """Return a line of the response's head, None if it has not come yet.

        A line that is longer than the buffer comes in pieces.
        """
        data = bytes(self._view[self._start : self._end])
        size = data.find(b"\n") + 1
        if not size:
            size = len(data)
            if size < len(self._rx):
                return None
        self._start += size
        return data[:size].rstrip()

    def parse(self):
        """Return the next message or, while streaming, chunk; None if bytes lack.

        Stop and return None too if there is a `reply` to send, or at the end.
        """
        try:
            while self.state < _CLOSED and not self.reply:
                if self._left >= 0:
                    size = min(self._left, self._end - self._start)
                    if self._left and not size:
                        break
                    data = self._parse_payload(size)
                    if data is not None:
                        return data
                elif not self._parse_header():
                    break
        except MemoryError:
            self._fail(1009, "out of memory")
        return None

    def _parse_payload(self, size: int):
        """Take bytes of a data frame; return what `parse` is to return."""
        data = self._view[self._start : self._start + size]
        self._start += size
        self._left -= size
        is_whole = self._is_last and not self._left
        self._left = self._left or -1
        opcode = self.opcode
        if opcode == _TEXT:
            self._utf8 = check_utf8(self._utf8, data)
            if self._utf8 < 0 or (is_whole and self._utf8):
                return self._fail(1007, "invalid UTF-8")
        if is_whole:
            self.opcode = 0
        if self.is_streaming:
            return data if size or is_whole else None
        if self._body is not None or not is_whole:
            data = self._collect(data, size)
            if not is_whole:
                return None
            self._body = None
        return str(data, "utf-8") if opcode == _TEXT else _to_bytes(data)

    def _collect(self, data, size: int) -> bytearray:
        """Put the next part of a message into its body."""
        if self._body is None:
            self._body = bytearray()
        # Within a body that was made whole, at the end of one that grows.
        self._body[self._filled : self._filled + size] = data
        self._filled += size
        return self._body

    def _parse_header(self) -> bool:  # noqa: C901 - the hot path, without calls
        """Read a frame's header, and all of a control frame; False if bytes lack."""
        rx = self._rx
        start = self._start + 2
        there = self._end - start
        if there < 0:
            return False
        first = rx[start - 2]
        size = rx[start - 1]
        opcode = first & 15
        if first & 0x70 or size > 127:
            self._fail(1002, "invalid frame")
        elif opcode & 8:
            if size > 125 or first < 128 or opcode > _PONG:
                self._fail(1002, "invalid frame")
            elif there < size:
                return False
            else:
                self._start = start + size
                self._control(opcode, bytes(self._view[start : start + size]))
        elif opcode > _BINARY or (opcode == 0) != (self.opcode != 0):
            self._fail(1002, "invalid frame")
        else:
            if size > 125:
                more = 2 if size == 126 else 8
                if there < more:
                    return False
                size = int.from_bytes(self._view[start : start + more], "big")
                start += more
            self._start = start
            self._left = size
            self._is_last = first > 127
            if opcode:
                self.opcode = opcode
                self._size = self._utf8 = self._filled = 0
            if size > 125 or not opcode:
                self._begin(opcode, size)
        return True

    def _begin(self, opcode: int, size: int) -> None:
        """Check the size of a message that is not small."""
        self._size += size
        limit = self.max_size
        if self.is_streaming:
            pass
        elif size >> 30 or (limit is not None and self._size > limit):
            self._fail(1009, "too big")
        elif opcode and self._is_last and size > len(self._rx):
            self._body = bytearray(size)

    def _control(self, opcode: int, data: bytes) -> None:
        if opcode == _PONG:
            self._lacks_pong = False
            self._ping_due = None
        elif opcode == _PING:
            if self.state == _OPEN:
                self.reply = _PONG
                self.reply_data = data
        else:
            code = int.from_bytes(data[:2], "big") if data else 1005
            if data and not (
                999 < code < 1004 or 1006 < code < 1015 or 2999 < code < 5000
            ):
                return self._fail(1002, "invalid close code")
            if check_utf8(0, data[2:]):
                return self._fail(1007, "invalid UTF-8")
            if self.state == _OPEN:
                self.reply = _CLOSE
                self.reply_data = data[:2]
            self.close_code = code
            self.close_reason = str(data[2:], "utf-8")
            self.state = _CLOSED

    def _fail(self, code: int, reason: str) -> None:
        """Break the connection off. Source: RFC 6455, 7.1.7."""
        if self.state == _OPEN:
            self.reply = _CLOSE
            self.reply_data = code.to_bytes(2, "big") + reason.encode()
        self.close_code = code
        self.close_reason = reason
        self.state = _FAILED
        self._body = None

    def closed_error(self) -> ConnectionClosed:
        """Return the error that says how the connection ended."""
        kind = ProtocolError if self.state == _FAILED else ConnectionClosed
        return kind(self.close_code, self.close_reason)

    # Sending

    def frame(self, opcode: int, data, is_last: bool = True) -> int:
        """Begin a frame in `tx`; return how many bytes of the data are in it.

        The rest follows with `block()`.
        """
        tx = self.tx
        masks = self._masks
        at = self._mask_at
        if at == len(masks):
            self._masks = masks = self._entropy(64)
            at = 0
        self._mask_at = at + 4
        tx[12] = masks[at]
        tx[13] = masks[at + 1]
        tx[14] = masks[at + 2]
        tx[15] = masks[at + 3]
        size = len(data)
        if size < 126:
            start = 10
            tx[11] = 128 | size
        elif size < 65536:
            start = 8
            tx[9] = 254
            tx[10] = size >> 8
            tx[11] = size & 255
        else:
            start = 2
            tx[3] = 255
            tx[4:12] = size.to_bytes(8, "big")
        tx[start] = opcode | 128 if is_last else opcode
        size = self.block(data, 0)
        self.tx_start = start
        return size

    def block(self, data, offset: int) -> int:
        """Put the next bytes of a frame into `tx`, masked; return their number."""
        tx = self.tx
        room = len(tx) - _PAYLOAD
        size = min(len(data) - offset, room)
        if mask_words is not None:
            mask_words(tx, _PAYLOAD, data, offset, size)  # type: ignore[arg-type]
        elif room < len(data) <= 32768:
            mask_block(tx, _PAYLOAD, data, offset, size)
        else:
            # Beside a large object every allocation searches long: it would be quadratic.
            mask_loop(tx, _PAYLOAD, data, offset, size)
        self.tx_start = _PAYLOAD
        self.tx_end = _PAYLOAD + size
        return size

    # Keepalive

    def keepalive(self, now) -> int:
        """Return the milliseconds until there is something to do; -1 for never.

        At 0 there is a ping to send in `reply`, or the peer is dead and the state is
        FAILED.
        """
        if not self.ping_interval or self.state != _OPEN:
            return -1
        if self._ping_due is None:
            self._ping_due = ticks_add(now, int(self.ping_interval * 1000))
        left = ticks_diff(self._ping_due, now)
        if left > 0:
            return left
        if self._lacks_pong:
            self.state = _FAILED
            self.close_reason = "no pong"
        else:
            self._lacks_pong = True
            self.reply = _PING
            self.reply_data = b""
            self._ping_due = ticks_add(now, int(self.ping_timeout * 1000))
        return 0
