"""The blocking shell against a server that misbehaves; BASE is set by the test."""

from run import raises

from port import ticks_diff, ticks_ms
from uwebsockets.client import connect
from uwebsockets.exceptions import (
    ConnectionClosed,
    HandshakeError,
    InvalidStatus,
    ProtocolError,
    Redirect,
    TimedOut,
)

BASE = "ws://127.0.0.1:1"


def is_usable():
    """Whether the device still works: each test of an error ends with it."""
    with connect(BASE + "/echo") as socket:
        socket.send("still there")
        return socket.recv() == "still there"


def fails(kind, path, **options):
    error = raises(kind, lambda: connect(BASE + path, **options))
    assert is_usable()
    return error


def test_echo_of_every_size():
    with connect(BASE + "/echo", max_size=None) as socket:
        for size in (0, 1, 125, 126, 2000, 2048, 2049, 65535, 65536, 200000):
            data = bytes([i % 251 for i in range(1000)]) * (size // 1000 + 1)
            data = data[:size]
            socket.send(data)
            assert socket.recv() == data, size
            assert isinstance(data, bytes)
    assert socket.close_code == 1000
    assert not socket.open


def test_text_of_every_kind():
    with connect(BASE + "/echo") as socket:
        for text in ("", "ascii", "é€😀", "ß" * 3000):
            socket.send(text)
            assert socket.recv() == text


def test_headers_token_and_subprotocol():
    with connect(
        BASE + "/headers",
        headers={"X-Device": "7"},
        token="abc",
        subprotocols=("one", "two"),
    ) as socket:
        assert socket.subprotocol == "two"
        assert list(socket) == ["bearer abc", "7"]


def test_basic_authentication():
    with connect(
        BASE.replace("//", "//me:p%3Aw@") + "/headers", subprotocols=("x",)
    ) as socket:
        # The server tells headers in lower case: "bWU6cDp3" is me:p:w.
        assert socket.recv() == "basic bwu6cdp3"


def test_answers_that_are_no_handshake():
    assert fails(InvalidStatus, "/unauthorized").status == 401
    assert fails(Redirect, "/redirect").headers["location"] == "ws://elsewhere/"
    assert fails(InvalidStatus, "/page").status == 200
    for path in ("/ssh", "/hangup", "/headers20k", "/line20k", "/liar"):
        fails(HandshakeError, path)
    fails(OSError, "/reset")


def test_a_server_that_never_answers():
    started = ticks_ms()
    fails(TimedOut, "/mute", timeout=0.2)
    assert 150 < ticks_diff(ticks_ms(), started) < 5000


def test_nobody_listens():
    raises(OSError, lambda: connect("ws://127.0.0.1:1/", timeout=5))
    raises(OSError, lambda: connect("ws://host.invalid/", timeout=5))
    assert is_usable()


def test_a_message_that_comes_with_the_handshake():
    with connect(BASE + "/early") as socket:
        assert socket.recv() == "early"


def test_a_frame_larger_than_any_memory():
    for options in ({}, {"max_size": None}):
        socket = connect(BASE + "/huge", **options)
        error = raises(ProtocolError, socket.recv)
        assert error.code == 1009
    assert is_usable()


def test_a_timeout_loses_nothing():
    with connect(BASE + "/slow") as socket:
        socket.settimeout(0.02)
        messages = []
        timeouts = 0
        while len(messages) < 2:
            try:
                messages.append(socket.recv())
            except TimedOut:
                timeouts += 1
        assert messages == ["abcdef", bytes(256)]
        assert timeouts > 3


def test_a_timeout_of_zero_polls():
    with connect(BASE + "/echo") as socket:
        socket.settimeout(0)
        raises(TimedOut, socket.recv)
        socket.settimeout(5)
        socket.send("x")
        assert socket.recv() == "x"


def test_a_message_larger_than_the_limit_can_be_streamed():
    with connect(BASE + "/stream", max_size=1000, buffer_size=512) as socket:
        size = total = 0
        for chunk in socket.recv_streaming():
            size += len(chunk)
            total += sum(chunk)
        assert (size, total) == (300000, sum([i % 251 for i in range(300000)]))
        assert socket.recv() == "after"


def test_a_stream_that_is_left_early():
    with connect(BASE + "/stream", buffer_size=512) as socket:
        for chunk in socket.recv_streaming():
            assert bytes(chunk[:3]) == b"\x00\x01\x02"
            break
        assert socket.recv() == "after"


def test_a_message_sent_in_fragments():
    with connect(BASE + "/fragments") as socket:
        socket.send(iter(["ab", "c", "def"]))
        assert [socket.recv() for _ in range(3)] == ["01 2", "00 1", "80 3"]
        socket.send([b"only"])
        assert socket.recv() == "82 4"
        assert socket.open


def test_a_ping_between_fragments_is_answered():
    with connect(BASE + "/pings") as socket:
        assert list(socket) == ["one two"]


def test_a_ping_of_ours():
    with connect(BASE + "/echo") as socket:
        socket.ping(b"?")
        socket.send("x")
        assert socket.recv() == "x"


def test_a_peer_that_answers_no_ping_is_dead():
    socket = connect(BASE + "/deaf", ping_interval=0.1, ping_timeout=0.1)
    assert socket.recv() == "hello"
    error = raises(ConnectionClosed, socket.recv)
    assert (error.code, error.reason) == (1006, "no pong")
    assert is_usable()


def test_keepalive_keeps_a_quiet_connection():
    with connect(BASE + "/echo", ping_interval=0.05, ping_timeout=2) as socket:
        socket.settimeout(0.4)
        raises(TimedOut, socket.recv)
        assert socket.open


def test_the_servers_close_code_and_reason():
    socket = connect(BASE + "/farewell")
    assert socket.recv() == "last words"
    error = raises(ConnectionClosed, socket.recv)
    assert (error.code, error.reason) == (4001, "tschüß")
    raises(ConnectionClosed, socket.recv)
    raises(ConnectionClosed, socket.send, "x")
    socket.close()
    socket.close()


def test_a_connection_cut_in_mid_frame():
    socket = connect(BASE + "/cut")
    error = raises(ConnectionClosed, socket.recv)
    assert error.code == 1006
    assert is_usable()


def test_a_violation_closes_with_its_code():
    socket = connect(BASE + "/violation")
    assert raises(ProtocolError, socket.recv).code == 1002
    assert is_usable()


def test_a_close_that_is_not_answered_ends_anyway():
    socket = connect(BASE + "/stubborn")
    socket.close_timeout = 0.2
    started = ticks_ms()
    socket.close()
    assert ticks_diff(ticks_ms(), started) < 5000
    assert not socket.open


def test_an_iterable_that_raises_breaks_the_connection_off():
    def parts():
        yield "a"
        yield "b"
        raise ValueError

    socket = connect(BASE + "/echo")
    raises(ValueError, socket.send, parts())
    assert not socket.open
    raises(ConnectionClosed, socket.recv)


def test_what_cannot_be_sent_changes_nothing():
    with connect(BASE + "/echo") as socket:
        raises(TypeError, socket.send, 5)
        raises(TypeError, socket.send, None)
        socket.send("still open")
        assert socket.recv() == "still open"
