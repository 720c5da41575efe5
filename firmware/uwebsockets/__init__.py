"""A WebSocket client (RFC 6455) for MicroPython and CPython.

exceptions  the errors, as a tree
handshake   the URI, the HTTP request and the answer
mask        payloads are XORed with a key; mask_viper does it in machine code
protocol    frames in and out of two buffers, without sockets and without a clock
client      the blocking shell: connect(), send(), recv(), settimeout(), with
aio         the asyncio shell: async with connect(), async for message
"""
