"""The opening handshake: addresses, requests, responses."""

from run import raises

from uwebsockets.exceptions import (
    HandshakeError,
    InvalidStatus,
    InvalidURI,
    Redirect,
    WebSocketError,
)
from uwebsockets.handshake import Response, accept_key, build_request, parse_uri

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
GOOD = (
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Accept: " + ACCEPT,
)
ADDRESSES = {
    "ws://host": (False, "host", 80, "/", ""),
    "ws://host/": (False, "host", 80, "/", ""),
    "wss://host/a/b?c=/d": (True, "host", 443, "/a/b?c=/d", ""),
    "ws://host:8080/x": (False, "host", 8080, "/x", ""),
    "ws://host?q=1": (False, "host", 80, "/?q=1", ""),
    "ws://10.0.0.1:1/#part": (False, "10.0.0.1", 1, "/", ""),
    "ws://[::1]:9000/x": (False, "::1", 9000, "/x", ""),
    "wss://[fe80::1]": (True, "fe80::1", 443, "/", ""),
    "ws://user:p%40ss@host/x": (False, "host", 80, "/x", "user:p%40ss"),
}
BAD_ADDRESSES = (
    "",
    "host",
    "http://host/",
    "ws://",
    "ws:///x",
    "ws://:80/",
    "ws://host:x/",
    "ws://host:0/",
    "ws://host:65536/",
    "ws://host/a b",
    "ws://host/\r\nX: y",
    "ws://hést/",
)


class Lines:
    def __init__(self, lines):
        self.lines = [line.encode() for line in lines]

    def read_line(self):
        return self.lines.pop(0) if self.lines else None


def answer(*lines):
    response = Response()
    assert response.read(Lines(lines + ("",)))
    return response


def test_addresses():
    for uri in ADDRESSES:
        assert parse_uri(uri) == ADDRESSES[uri], uri


def test_addresses_that_cannot_be_used():
    for uri in BAD_ADDRESSES:
        raises(InvalidURI, parse_uri, uri)


def test_an_error_does_not_tell_the_password():
    error = raises(InvalidURI, parse_uri, "ws://user:secret@:x/")
    assert "secret" not in str(error)


def test_a_request():
    assert build_request("host", 80, "/x?y", "", None, {"X-Device": "7"}) == (
        b"GET /x?y HTTP/1.1\r\nHost: host:80\r\nX-Device: 7\r\n"
    )
    assert b"Host: [::1]:80\r\n" in build_request("::1", 80, "/")


def test_authorization():
    assert b"Authorization: Basic dXNlcjpwQHNz\r\n" in build_request(
        "host", 80, "/", "user:p%40ss"
    )
    assert b"Authorization: Bearer abc\r\n" in build_request("h", 80, "/", "", "abc")


def test_a_header_cannot_smuggle_another():
    error = raises(ValueError, build_request, "h", 80, "/", "", "secret\r\nX: y")
    assert "secret" not in str(error)
    raises(ValueError, build_request, "h", 80, "/", "", None, {"A": "b\nc"})


def test_the_accept_key_of_the_rfc():
    assert accept_key(KEY) == ACCEPT


def test_a_good_response():
    assert answer(*GOOD).check(KEY, ()) is None
    lines = GOOD + ("Sec-WebSocket-Protocol: chat",)
    assert answer(*lines).check(KEY, ("soap", "chat")) == "chat"


def test_an_informational_response_comes_before_it():
    assert answer("HTTP/1.1 100 Continue", "", *GOOD).status == 101


def test_a_response_that_comes_in_pieces():
    response = Response()
    for line in GOOD:
        assert not response.read(Lines((line,)))
    assert response.read(Lines(("",)))
    response.check(KEY, ())


def test_wrong_headers():
    for i in (1, 2, 3):
        raises(HandshakeError, answer(*(GOOD[:i] + GOOD[i + 1 :])).check, KEY, ())
    raises(HandshakeError, answer(*GOOD).check, b"AnotherKey==", ())
    for line in (
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Protocol: other",
        "Sec-WebSocket-Accept: twice",
    ):
        raises(HandshakeError, answer(*(GOOD + (line,))).check, KEY, ("chat",))


def test_other_statuses():
    error = raises(
        InvalidStatus,
        answer("HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Bearer").check,
        KEY,
        (),
    )
    assert error.status == 401
    assert error.headers["www-authenticate"] == "Bearer"
    error = raises(
        Redirect, answer("HTTP/1.1 302 Found", "Location: /login").check, KEY, ()
    )
    assert error.headers["location"] == "/login"
    assert isinstance(error, WebSocketError)


def test_a_server_that_is_none():
    for line in ("SSH-2.0-OpenSSH", "220 smtp", "HTTP/2 200", "HTTP/1.1", "HTTP/1.1 x"):
        raises(HandshakeError, Response().read, Lines((line, "")))


def test_too_many_headers():
    lines = Lines(("HTTP/1.1 101 x",) + ("X: " + "y" * 1000,) * 20)
    raises(HandshakeError, Response().read, lines)


def test_a_header_that_is_no_utf8_is_passed_over():
    lines = Lines(GOOD + ("",))
    lines.lines.insert(1, b"X-Name: \xff\xfe")
    assert Response().read(lines)
