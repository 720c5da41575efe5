"""Masking in machine code, for the ports that have MicroPython's viper emitter.

CPython has large integers instead, which are as fast there.
"""

import sys

if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def mask(data: ptr8, start: int, size: int):  # noqa: F821
        """Mask in place with the four bytes before `start`.

        Up to three bytes behind the payload change too. Words are used at aligned
        addresses only: Xtensa and Cortex-M0 trap at others.
        """
        i = 0
        if (int(data) + start) & 3:
            while i < size:
                data[start + i] ^= data[start - 4 + (i & 3)]
                i += 1
            return
        words = ptr32(int(data) + start)  # noqa: F821
        key = ptr32(int(data) + start - 4)[0]  # noqa: F821
        size = (size + 3) >> 2
        while i < size:
            words[i] ^= key
            i += 1

else:

    def mask(data: bytearray, start: int, size: int) -> None:
        """Mask in place with the four bytes before `start`."""
        key = bytes(data[start - 4 : start]) * (-(-size // 4))
        whole = int.from_bytes(data[start : start + size], "little")
        masked = whole ^ int.from_bytes(key[:size], "little")
        data[start : start + size] = masked.to_bytes(size, "little")
