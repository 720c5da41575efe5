"""The errors of uwebsockets.

WebSocketError
    InvalidURI              the address cannot be used
    HandshakeError          the server's answer is not a WebSocket handshake
        InvalidStatus       it is another HTTP status: .status, .headers
            Redirect        it is a redirect: .headers["location"]
    ConnectionClosed        .code, .reason
        ProtocolError       we closed it, since the peer broke RFC 6455
TimedOut (an OSError)       nothing is lost: the call can be repeated
"""


class WebSocketError(Exception):
    """The base of all but TimedOut."""


class InvalidURI(WebSocketError):
    """The address is not a ws:// or wss:// URI."""


class HandshakeError(WebSocketError):
    """The server does not speak WebSocket here."""


class InvalidStatus(HandshakeError):
    """The server answered with another status than 101."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        super().__init__("HTTP %d" % status)
        self.status = status
        self.headers = headers


class Redirect(InvalidStatus):
    """The server wants the client elsewhere: .headers["location"]."""


class ConnectionClosed(WebSocketError):
    """The connection is closed; 1006 if no close frame came."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__("%d %s" % (code, reason))
        self.code = code
        self.reason = reason


class ProtocolError(ConnectionClosed):
    """The peer broke the protocol; .code is the one that we closed with."""


class TimedOut(OSError):
    """Nothing came in time; what was received is kept."""

    errno = 110  # ETIMEDOUT
