"""CPython's half of the port: the same names as the device's half, the same meaning."""

import select
import socket
import time
from hashlib import sha1  # noqa: F401
from os import urandom  # noqa: F401
from ssl import (
    SSLContext,
    SSLSocket,
    SSLWantReadError,
    SSLWantWriteError,
    create_default_context,
)

BUFFER_SIZE = 65536
MAX_SIZE = 1048576
POLLIN = 1
POLLOUT = 4


def const(value):
    """Return the value: MicroPython's compiler folds it, CPython does not."""
    return value


def ticks_ms() -> int:
    """Return milliseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1000000


def ticks_add(ticks: int, delta: int) -> int:
    """Return the ticks `delta` milliseconds later."""
    return ticks + delta


def ticks_diff(end: int, start: int) -> int:
    """Return the milliseconds from `start` to `end`."""
    return end - start


class Stream:
    """A socket with the methods of MicroPython's."""

    def __init__(self, host: str, port: int, ssl) -> None:
        context = None if ssl is None else tls_context(ssl)
        addresses = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        addresses.sort(key=lambda address: address[0] != socket.AF_INET)
        family, kind, protocol, _, address = addresses[0]
        self.socket = socket.socket(family, kind, protocol)
        # TLS may have to read before it can write, and the reverse.
        self.wants = 0
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.socket.connect(address)
            except BlockingIOError:
                pass
            if context is not None:
                # CPython's ssl refuses to wrap a socket that is still connecting.
                select.select((), (self.socket,), (), 30)
                self.socket = context.wrap_socket(
                    self.socket, server_hostname=host, do_handshake_on_connect=False
                )
        except BaseException:
            self.close()
            raise

    def readinto(self, view) -> int | None:
        """Read what is there into the view; 0 is the end of the stream."""
        return self._try(self.socket.recv_into, view)

    def write(self, data, start: int, size: int) -> int | None:
        """Write from a buffer without a copy of it; return how much was taken."""
        return self._try(self.socket.send, memoryview(data)[start : start + size])

    def _try(self, call, view) -> int | None:
        self.wants = 0
        try:
            return call(view)
        except BlockingIOError:
            pass
        except SSLWantReadError:
            self.wants = POLLIN
        except SSLWantWriteError:
            self.wants = POLLOUT
        return None

    def has_pending(self) -> bool:
        """Return whether TLS has decrypted what nobody has read."""
        return isinstance(self.socket, SSLSocket) and self.socket.pending() > 0

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()


def open_stream(host: str, port: int, ssl) -> tuple[Stream, select.poll]:
    """Return a stream that begins to connect, and a poll to wait for it with."""
    stream = Stream(host, port, ssl)
    poll = select.poll()
    poll.register(stream.socket)
    return stream, poll


def tls_context(ssl) -> SSLContext:
    """Return a context for True (verify), False (do not), CA data or a context."""
    if isinstance(ssl, SSLContext):
        return ssl
    cadata = None if isinstance(ssl, bool) else ssl
    context = create_default_context(cadata=cadata)
    if ssl is False:
        context.check_hostname = False
        context.verify_mode = 0  # type: ignore[assignment]
    return context


def wait_for(poll: select.poll, stream: Stream, mask: int, timeout_ms: int) -> bool:
    """Wait until the stream can be read (1) or written (4); -1 waits for ever."""
    if mask == POLLIN and stream.has_pending():
        return True
    poll.modify(stream.socket, stream.wants or mask)
    return bool(poll.poll(timeout_ms))
