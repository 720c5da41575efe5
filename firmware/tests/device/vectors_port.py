"""The port's own means."""

from binascii import hexlify

from port import sha1, ticks_add, ticks_diff, ticks_ms
from port.sha1 import sha1 as portable

DIGESTS = {
    b"": b"da39a3ee5e6b4b0d3255bfef95601890afd80709",
    b"abc": b"a9993e364706816aba3e25717850c26c9cd0d89d",
    b"a" * 55: b"c1c8bbdc22796e28c0e15163d20899b65621d65a",
    b"a" * 64: b"0098ba824b5c16427bd7a1122a5a442a25ec644d",
    b"a" * 200: b"e61cfffe0d9195a525fc6cf06ca2d77119c24a40",
}


def test_sha1():
    for data in DIGESTS:
        assert hexlify(sha1(data).digest()) == DIGESTS[data], data
        assert hexlify(portable(data).digest()) == DIGESTS[data], data


def test_ticks_go_on():
    now = ticks_ms()
    assert ticks_diff(ticks_add(now, 1500), now) == 1500
    assert ticks_diff(ticks_ms(), now) >= 0
