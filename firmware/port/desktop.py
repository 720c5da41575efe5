"""CPython's half of the port: the same names as the device's half, the same meaning."""

import select
import socket
import time
from hashlib import sha1 as _sha1
from os import urandom  # noqa: F401
from ssl import SSLContext, SSLWantReadError, SSLWantWriteError, create_default_context

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


def sha1(data: bytes) -> bytes:
    """Return the SHA-1 digest."""
    return _sha1(data, usedforsecurity=False).digest()


def open_stream(host: str, port: int, ssl):
    """Begin to connect; the stream is writable once it is connected."""
    context = None if ssl is None else tls_context(ssl)
    addresses = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    addresses.sort(key=lambda address: address[0] != socket.AF_INET)
    family, kind, protocol, _, address = addresses[0]
    stream = socket.socket(family, kind, protocol)
    try:
        stream.setblocking(False)
        try:
            stream.connect(address)
        except BlockingIOError:
            pass
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            stream = _wrap_connected(stream, context, host)
    except BaseException:
        stream.close()
        raise
    return stream


def _wrap_connected(stream, context: SSLContext, host: str):
    # CPython's ssl refuses to wrap a socket that is still connecting.
    select.select((), (stream,), (), 30)
    return context.wrap_socket(
        stream, server_hostname=host, do_handshake_on_connect=False
    )


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


def read_into(stream, view) -> int | None:
    """Read what is there into the view; 0 is the end of the stream."""
    try:
        return stream.recv_into(view)
    except BlockingIOError:
        return None
    except (SSLWantReadError, SSLWantWriteError) as error:
        return _note_want(stream, error)


def write(stream, data, start: int, size: int) -> int | None:
    """Write from a buffer without a copy of it; return how much was taken."""
    try:
        return stream.send(memoryview(data)[start : start + size])
    except BlockingIOError:
        return None
    except (SSLWantReadError, SSLWantWriteError) as error:
        return _note_want(stream, error)


def _note_want(stream, error) -> None:
    # TLS may have to read before it can write, and the reverse.
    stream.wants = POLLIN if isinstance(error, SSLWantReadError) else POLLOUT


def make_poll(stream):
    """Return an object for `wait_for`."""
    poll = select.poll()
    poll.register(stream, POLLIN)
    return poll


def wait_for(poll, stream, mask: int, timeout_ms: int) -> bool:
    """Wait until the stream can be read or written; -1 waits for ever."""
    if mask == POLLIN and getattr(stream, "pending", int)():
        return True
    poll.modify(stream, getattr(stream, "wants", 0) or mask)
    return bool(poll.poll(timeout_ms))
