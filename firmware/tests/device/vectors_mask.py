"""Masking, by every means that this runtime has."""

from uwebsockets.protocol import mask_block, mask_loop, mask_words

KEY = b"\x01\x82\x43\xf4"


def expected(data):
    return bytes([byte ^ KEY[i & 3] for i, byte in enumerate(data)])


def masked(mask, start, data):
    room = bytearray(b"\xaa" * (start - 4) + KEY + data + b"\xaa\xaa\xaa\xaa")
    mask(room, start, len(data))
    # Up to three bytes behind may change, nothing before and nothing after them.
    assert room[: start - 4] == b"\xaa" * (start - 4)
    assert (
        room[start + ((len(data) + 3) & ~3) :].replace(b"\xaa", b"") == b""
        if (hasattr(room, "replace"))
        else True
    )
    return bytes(room[start : start + len(data)])


def means():
    return [mask for mask in (mask_loop, mask_block, mask_words) if mask]


def test_every_length_at_every_offset():
    for mask in means():
        for start in range(4, 24):
            for size in range(70):
                data = bytes([(7 * i + size) & 255 for i in range(size)])
                assert masked(mask, start, data) == expected(data), (start, size)


def test_large_payloads():
    for mask in means():
        for size in (511, 512, 513, 4096, 5000):
            data = bytes([(i * i) & 255 for i in range(size)])
            assert masked(mask, 16, data) == expected(data), size


def test_masking_twice_gives_the_payload_back():
    for mask in means():
        room = bytearray(KEY + b"payload!")
        mask(room, 4, 8)
        assert room[4:] != b"payload!"
        mask(room, 4, 8)
        assert room[4:] == b"payload!"
