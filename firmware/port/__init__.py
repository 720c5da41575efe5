"""The differences between MicroPython's ports and CPython, behind one seam.

Everything above this package is the same code everywhere. Streams are sockets, plain
or TLS, that never block: `readinto(view)` and `write(data, start, size)` return how
much they read or wrote, or None if they would have to wait.
"""

import sys

if sys.implementation.name == "micropython":
    import gc
    import select
    from time import ticks_add, ticks_diff, ticks_ms  # noqa: F401

    from micropython import const  # noqa: F401

    try:
        import socket
        from os import urandom
    except ImportError:  # The WebAssembly port has neither.
        urandom = None
    try:
        from hashlib import sha1
    except ImportError:
        from port.sha1 import sha1  # noqa: F401
    # An ESP8266 has a heap of 38 KiB: small buffers there, fewer writes elsewhere.
    _SMALL = gc.mem_free() + gc.mem_alloc() < 65536
    BUFFER_SIZE = 512 if _SMALL else 2048
    MAX_SIZE = 16384 if _SMALL else 1048576

    def open_stream(host: str, port: int, ssl):
        """Return a stream that begins to connect, and a poll to wait for it with."""
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
            poll = select.poll()
            poll.register(stream)
        except BaseException:
            stream.close()
            raise
        return stream, poll

    def wait_for(poll, stream, mask: int, timeout_ms: int) -> bool:
        """Wait until the stream can be read (1) or written (4); -1 waits for ever."""
        poll.modify(stream, mask)
        for _ in poll.ipoll(timeout_ms):
            return True
        return False

else:
    from port.desktop import *  # noqa: F403
