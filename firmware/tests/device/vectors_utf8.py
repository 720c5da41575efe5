"""UTF-8 as RFC 3629 has it: MicroPython's own decoder is more generous."""

from uwebsockets.protocol import check_utf8

VALID = (
    b"",
    b"ascii",
    "é€😀".encode(),
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf4\x8f\xbf\xbf",
)
INVALID = (
    b"\x80",  # a continuation without a start
    b"\xc0\xaf",  # overlong "/"
    b"\xc1\xbf",
    b"\xe0\x9f\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",  # a surrogate
    b"\xf4\x90\x80\x80",  # beyond U+10FFFF
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xff",
    b"\xc3a",
    b"\xe2\x82a",
)
INCOMPLETE = (b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0\x9f\x98", b"a\xf0")


def state_of(data, cut):
    state = check_utf8(0, data[:cut])
    return state if state < 0 else check_utf8(state, data[cut:])


def test_valid_text_wherever_it_is_cut():
    for data in VALID:
        for cut in range(len(data) + 1):
            assert state_of(data, cut) == 0, (data, cut)


def test_invalid_text_wherever_it_is_cut():
    for data in INVALID:
        for cut in range(len(data) + 1):
            assert state_of(data, cut) < 0, (data, cut)


def test_text_that_ends_too_early():
    for data in INCOMPLETE:
        assert check_utf8(0, data) > 0, data
