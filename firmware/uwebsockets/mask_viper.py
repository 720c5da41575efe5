"""Masking in machine code, for the ports that have MicroPython's viper emitter.

CPython has large integers instead, which are as fast there.
"""

import sys

if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def mask(target: ptr8, start: int, data: ptr8, offset: int, size: int):  # noqa: F821
        """Copy bytes of the data, masked with the four bytes before `start`.

        Words are used at aligned addresses only: Xtensa and Cortex-M0 trap at others.
        """
        i = 0
        if not ((int(target) + start) | (int(data) + offset)) & 3:
            words = ptr32(int(target) + start)  # noqa: F821
            source = ptr32(int(data) + offset)  # noqa: F821
            key = ptr32(int(target) + start - 4)[0]  # noqa: F821
            count = size >> 2
            while i < count:
                words[i] = source[i] ^ key
                i += 1
            i <<= 2
        while i < size:
            target[start + i] = data[offset + i] ^ target[start - 4 + (i & 3)]
            i += 1

else:

    def mask(target, start: int, data, offset: int, size: int) -> None:
        """Copy bytes of the data, masked with the four bytes before `start`."""
        key = bytes(target[start - 4 : start]) * (-(-size // 4))
        whole = int.from_bytes(memoryview(data)[offset : offset + size], "little")
        masked = whole ^ int.from_bytes(key[:size], "little")
        target[start : start + size] = masked.to_bytes(size, "little")
