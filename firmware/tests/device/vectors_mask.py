"""Masking, by every means that this runtime has."""

from uwebsockets.protocol import mask_block, mask_loop, mask_words

KEY = b"\x01\x82\x43\xf4"
DATA = bytes([(7 * i + 3) & 255 for i in range(100)])


def expected(data):
    return bytes([byte ^ KEY[i & 3] for i, byte in enumerate(data)])


def masked(mask, start, data, offset, size):
    before = b"\xaa" * (start - 4) + KEY
    room = bytearray(before + b"\xaa" * (size + 8))
    mask(room, start, data, offset, size)
    assert bytes(room[:start]) == before
    assert bytes(room[start + size :]) == b"\xaa" * 8
    return bytes(room[start : start + size])


def means():
    return [mask for mask in (mask_loop, mask_block, mask_words) if mask]


def test_every_length_at_every_offset():
    for mask in means():
        for start in (4, 5, 6, 7, 16):
            for offset in (0, 1, 2, 3, 8):
                for size in range(70):
                    assert masked(mask, start, DATA, offset, size) == expected(
                        DATA[offset : offset + size]
                    ), (start, offset, size)


def test_every_kind_of_buffer():
    for mask in means():
        for data in (DATA, bytearray(DATA), memoryview(DATA), memoryview(DATA)[1:]):
            assert masked(mask, 16, data, 4, 50) == expected(bytes(data[4:54]))


def test_large_payloads():
    for mask in means():
        for size in (255, 256, 257, 511, 512, 513, 4096, 5000):
            data = bytes([(i * i) & 255 for i in range(size)])
            assert masked(mask, 16, data, 0, size) == expected(data), size


def test_masking_twice_gives_the_payload_back():
    for mask in means():
        once = masked(mask, 8, DATA, 0, 100)
        assert once != DATA
        assert masked(mask, 8, once, 0, 100) == DATA
