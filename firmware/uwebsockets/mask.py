"""Masking: XOR with a key of four bytes. Source: RFC 6455, 5.3."""

import sys


def mask_loop(data: bytearray, start: int, size: int) -> None:
    """Mask in place with the four bytes before `start`, without an allocation.

    Up to three bytes behind the payload change too: the buffer must have them.
    """
    a = data[start - 4]
    b = data[start - 3]
    c = data[start - 2]
    d = data[start - 1]
    end = start + size
    while start < end:
        data[start] ^= a
        data[start + 1] ^= b
        data[start + 2] ^= c
        data[start + 3] ^= d
        start += 4


def mask_block(data: bytearray, start: int, size: int) -> None:
    """Do the same through one large integer: five times as fast, but it allocates."""
    key = bytes(data[start - 4 : start]) * ((size + 3) >> 2)
    size = len(key)
    data[start : start + size] = (
        int.from_bytes(data[start : start + size], "little")
        ^ int.from_bytes(key, "little")
    ).to_bytes(size, "little")


if sys.implementation.name != "micropython":
    mask_words = mask_block
else:
    try:
        from uwebsockets.mask_viper import mask as mask_words
    except (ImportError, SyntaxError, ValueError, MemoryError):
        # No viper on this port, or no room for machine code: bytecode masks.
        mask_words = None
