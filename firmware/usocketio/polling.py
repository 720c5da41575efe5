"""HTTP long-polling, for networks that do not let WebSocket through.

It upgrades to WebSocket at once if the server offers it and the network lets it; a
refused upgrade stays on polling. Source: engine.io-protocol, revision 4.
"""

import json
from binascii import a2b_base64, b2a_base64

from usocketio.exceptions import PacketError
from uwebsockets.client import WebSocket
from uwebsockets.client import connect as connect_websocket
from uwebsockets.exceptions import HandshakeError, InvalidStatus, WebSocketError
from uwebsockets.handshake import Response, build_request, parse_uri

_SEPARATOR = "\x1e"


def pack(message) -> bytes:
    """Return the body that sends a message."""
    if isinstance(message, str):
        return message.encode()
    return b"b" + b2a_base64(message).strip()


def unpack(body: bytes) -> list:
    """Return the messages in a body."""
    try:
        return [
            a2b_base64(part[1:]) if part[:1] == "b" else part
            for part in str(body, "utf-8").split(_SEPARATOR)
        ]
    except ValueError:
        raise PacketError("malformed payload")


class Body:
    """The body of an HTTP response, taken as it comes."""

    def __init__(self, headers: dict[str, str], max_size: int | None) -> None:
        self._is_chunked = "chunked" in headers.get("transfer-encoding", "")
        size = headers.get("content-length")
        self._left = 0 if self._is_chunked else -1 if size is None else int(size)
        self._is_over = False
        self._max_size = max_size
        self.data = bytearray()

    def read(self, http) -> bool:
        """Take what has arrived; return whether the body is complete."""
        while not self._is_over:
            if self._is_chunked and not self._left:
                line = http.read_line()
                if line is None:
                    return False
                if line:  # An empty one ends the chunk before.
                    self._left = int(line.split(b";")[0], 16)
                    self._is_over = not self._left
                continue
            if not self._left:
                break
            data = http.take(self._left)
            if not data:
                return self._left < 0 and http.has_ended
            if self._left > 0:
                self._left -= len(data)
            self.data.extend(data)
            if self._max_size is not None and len(self.data) > self._max_size:
                raise PacketError("over %d bytes" % self._max_size)
        return True


class Http(WebSocket):
    """One request and its response, on a connection of its own."""

    has_ended = False
    response = None
    body = None

    def take(self, limit: int) -> bytes:
        """Return up to `limit` bytes that have arrived, all of them if it is -1."""
        size = self._end - self._start
        if 0 <= limit < size:
            size = limit
        data = bytes(self._view[self._start : self._start + size])
        self._start += size
        return data

    def is_complete(self) -> bool:
        """Parse what has arrived; return whether the response is complete."""
        if self.body is None:
            if self.response is None:
                self.response = Response()
            if not self.response.read(self):
                return False
            self.body = Body(self.response.headers, self.max_size)
        return self.body.read(self)

    def result(self) -> bytes:
        """Return the body of a complete response, if its status is 200."""
        if self.response.status != 200:
            raise InvalidStatus(self.response.status, self.response.headers)
        return bytes(self.body.data)

    def finish(self) -> bytes:
        """Wait for the response; after TimedOut, call it again."""
        self._clock()
        while not self.is_complete():
            if self.has_ended:
                raise HandshakeError("the server closed the connection")
            self.has_ended = not self.fill()
        self.abort()
        return self.result()


class Target:
    """Where requests go."""

    def __init__(self, uri: str, token=None, headers=None, ssl=True, **options) -> None:
        self.uri = uri
        self.sid = ""
        self._token = token
        self._headers = headers
        self._ssl = ssl
        # Of the options of a WebSocket these concern HTTP, too.
        self.options = {
            name: options[name]
            for name in options
            if name in ("buffer_size", "max_size")
        }
        self._websocket_options = options

    def request(self, body: bytes | None):
        """Return (host, port, ssl or None, request) for a GET, or a POST of the body."""
        is_secure, host, port, path, userinfo = parse_uri(self.uri)
        if self.sid:
            path += "&sid=" + self.sid
        method = "GET" if body is None else "POST"
        head = build_request(
            host, port, path, userinfo, self._token, self._headers, method
        )
        head += b"Connection: close\r\n"
        if body is not None:
            head += b"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: "
            head += str(len(body)).encode() + b"\r\n"
        return (
            host,
            port,
            self._ssl if is_secure else None,
            head + b"\r\n" + (body or b""),
        )

    def take_opening(self, messages: list) -> bool:
        """Read our sid from the first message; return whether we can upgrade."""
        try:
            opening = json.loads(messages[0][1:])
            self.sid = opening["sid"]
            return "websocket" in opening["upgrades"]
        except (ValueError, KeyError, TypeError):
            raise PacketError("not Engine.IO: " + str(messages[0])[:20])

    def websocket(self, timeout: float):
        """Return the arguments of the WebSocket that upgrades this session."""
        options = dict(self._websocket_options)
        options["token"] = self._token
        options["headers"] = self._headers
        options["ssl"] = self._ssl
        options["timeout"] = min(timeout, 5)
        uri = self.uri.replace("transport=polling", "transport=websocket")
        return uri + "&sid=" + self.sid, options


def connect(uri: str, timeout: float = 10, **options):
    """Return a WebSocket if the server upgrades, else a Polling."""
    target = Target(uri, **options)
    polling = Polling(target, timeout)
    messages = polling.fetch()
    if target.take_opening(messages):
        websocket = _upgrade(target, timeout)
        if websocket is not None:
            return Upgraded(websocket, messages)
    polling.inbox = messages
    return polling


def _upgrade(target: Target, timeout: float):
    uri, options = target.websocket(timeout)
    websocket = None
    try:
        websocket = connect_websocket(uri, **options)
        websocket.settimeout(options["timeout"])
        websocket.send("2probe")
        if websocket.recv() == "3probe":
            websocket.send("5")
            return websocket
    except (OSError, WebSocketError):
        pass
    if websocket is not None:
        websocket.abort()
    return None


class Upgraded:
    """A WebSocket behind the messages that polling brought."""

    close_timeout = 5.0

    def __init__(self, websocket, inbox: list) -> None:
        self._websocket = websocket
        self.inbox = inbox
        self.send = websocket.send
        self.settimeout = getattr(websocket, "settimeout", None)
        self.abort = websocket.abort

    def recv(self):
        """Return the next message."""
        return self.inbox.pop(0) if self.inbox else self._websocket.recv()

    def close(self):
        """Close the connection."""
        self._websocket.close_timeout = self.close_timeout
        return self._websocket.close()


class Polling:
    """A transport like a WebSocket, by GET and POST requests."""

    close_timeout = 5.0

    def __init__(self, target: Target, timeout: float) -> None:
        self._target = target
        self._timeout = timeout
        self._wait = timeout
        self._get: Http | None = None
        self.inbox: list = []

    def settimeout(self, timeout: float | None) -> None:
        """Let each `recv` wait so many seconds, None for ever."""
        self._wait = timeout

    def _request(self, body: bytes | None) -> Http:
        http = Http(**self._target.options)
        try:
            host, port, ssl, request = self._target.request(body)
            http.dial(host, port, ssl, self._timeout)
            http.write(request, 0, len(request))
        except BaseException:
            http.abort()
            raise
        return http

    def fetch(self) -> list:
        """Return the messages of the next GET; after TimedOut, call it again."""
        if self._get is None:
            self._get = self._request(None)
        self._get.settimeout(self._wait)
        body = self._get.finish()
        self._get = None
        return unpack(body)

    def recv(self):
        """Return the next message; after TimedOut nothing is lost."""
        while not self.inbox:
            self.inbox = self.fetch()
        return self.inbox.pop(0)

    def send(self, message) -> None:
        """Send a message by a POST."""
        http = self._request(pack(message))
        try:
            http.finish()
        finally:
            http.abort()

    def close(self) -> None:
        """Give up the request that waits."""
        if self._get is not None:
            self._get.abort()
            self._get = None

    abort = close
