"""The differences between MicroPython's ports and CPython, behind one seam.

Everything above this package is the same code everywhere. Streams are sockets, plain
or TLS, that never block: `read_into` and `write` return None if they would have to.
"""

import sys

if sys.implementation.name == "micropython":
    import gc
    import select
    import time

    try:
        import socket
        from os import urandom
    except ImportError:  # The WebAssembly port has neither.
        urandom = None
    from micropython import const  # noqa: F401

    ticks_ms = time.ticks_ms
    ticks_add = time.ticks_add
    ticks_diff = time.ticks_diff
    # An ESP8266 has a heap of 38 KiB: small buffers there, fewer writes elsewhere.
    _SMALL = gc.mem_free() + gc.mem_alloc() < 65536
    BUFFER_SIZE = 512 if _SMALL else 2048
    MAX_SIZE = 16384 if _SMALL else 1048576

    def sha1(data: bytes) -> bytes:
        """Return the SHA-1 digest, also on ports whose hashlib has none."""
        try:
            from hashlib import sha1
        except ImportError:
            from port.sha1 import sha1
        return sha1(data).digest()

    def open_stream(host: str, port: int, ssl):
        """Begin to connect; the stream is writable once it is connected."""
        address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
        stream = socket.socket(*address[:3])
        try:
            stream.setblocking(False)
            try:
                stream.connect(address[-1])
            except OSError as error:
                # EINPROGRESS is 115 on Linux and lwIP, 119 on ESP32.
                if error.errno not in (115, 119):
                    raise
            # TCP_NODELAY: Nagle's algorithm costs 44 ms a message.
            stream.setsockopt(6, 1, 1)
            if ssl is not None:
                from port.tls import wrap

                stream = wrap(stream, ssl, host)
        except BaseException:
            stream.close()
            raise
        return stream

    def read_into(stream, view) -> int | None:
        """Read what is there into the view; 0 is the end of the stream."""
        return stream.readinto(view)

    def write(stream, data, start: int, size: int) -> int | None:
        """Write from a buffer without a copy of it; return how much was taken."""
        return stream.write(data, start, size)

    def make_poll(stream):
        """Return an object for `wait_for`."""
        poll = select.poll()
        poll.register(stream)
        return poll

    def wait_for(poll, stream, mask: int, timeout_ms: int) -> bool:
        """Wait until the stream can be read (1) or written (4); -1 waits for ever."""
        poll.modify(stream, mask)
        for _ in poll.ipoll(timeout_ms):
            return True
        return False

else:
    from port.desktop import *  # noqa: F403
