"""A WebSocket client (RFC 6455) for MicroPython and CPython.

exceptions  the errors, as a tree
handshake   the URI, the HTTP request and the answer
protocol    frames in and out of two buffers, without sockets and without a clock
mask_viper  the same masking as in `protocol`, in machine code
client      the blocking shell: connect(), send(), recv(), settimeout(), with
aio         the asyncio shell: async with connect(), async for message
"""
