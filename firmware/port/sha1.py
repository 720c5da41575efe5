"""SHA-1 in Python, for the ports whose hashlib has none (the WebAssembly build)."""


def _rotate(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (32 - bits))) & 0xFFFFFFFF


class sha1:
    """The digest of some data, as in hashlib. Source: FIPS 180-4, 6.1.2."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def digest(self) -> bytes:
        """Return the digest."""
        return _digest(self._data)


def _digest(data: bytes) -> bytes:
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    padding = b"\x80" + bytes((55 - len(data)) % 64)
    data = data + padding + (len(data) * 8).to_bytes(8, "big")
    for offset in range(0, len(data), 64):
        state = _add_block(state, data[offset : offset + 64])
    return b"".join([word.to_bytes(4, "big") for word in state])


def _add_block(state: list[int], block: bytes) -> list[int]:
    words = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for i in range(16, 80):
        words.append(
            _rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1)
        )
    a, b, c, d, e = state
    for i in range(80):
        if i < 20:
            mixed, key = (b & c) | (~b & d), 0x5A827999
        elif i < 40:
            mixed, key = b ^ c ^ d, 0x6ED9EBA1
        elif i < 60:
            mixed, key = (b & c) | (b & d) | (c & d), 0x8F1BBCDC
        else:
            mixed, key = b ^ c ^ d, 0xCA62C1D6
        total = (_rotate(a, 5) + (mixed & 0xFFFFFFFF) + e + key + words[i]) & 0xFFFFFFFF
        a, b, c, d, e = total, a, _rotate(b, 30), c, d
    return [(old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d, e))]
