"""The opening handshake: a URI, an HTTP request and its response."""

from binascii import b2a_base64

from port import const, sha1, urandom
from uwebsockets.exceptions import HandshakeError, InvalidStatus, InvalidURI, Redirect

# A response with more bytes of headers is refused before it fills the memory.
_MAX_HEAD = const(8192)


def parse_uri(uri: str):
    """Split a URI into (is_secure, host, port, path, userinfo).

    Raises:
        InvalidURI: if the scheme is another one, or the host or port is wrong.
    """
    scheme, _, rest = _cut(uri, "://")
    is_secure = scheme == "wss"
    rest = _cut(rest, "#")[0]
    authority = _cut(_cut(rest, "/")[0], "?")[0]
    path = rest[len(authority) :]
    if path[:1] != "/":
        path = "/" + path
    userinfo = ""
    host = authority
    if "@" in host:
        userinfo, _, host = _cut(host, "@")
    if host[:1] == "[":
        host, _, port = _cut(host[1:], "]")
        port = port[1:]
    else:
        host, _, port = _cut(host, ":")
    try:
        number = int(port or (443 if is_secure else 80))
    except ValueError:
        number = 0
    if scheme not in ("ws", "wss") or not host or not 0 < number < 65536:
        # Not the address itself: it may hold a password.
        raise InvalidURI("not ws://HOST[:PORT]/PATH")
    for mark in rest:
        if not "!" <= mark <= "~":
            raise InvalidURI("%r is not encoded" % mark)
    return is_secure, host, number, path, userinfo


def _cut(text: str, mark: str) -> tuple[str, str, str]:
    # The ESP8266 has no str.partition.
    at = text.find(mark)
    return (text, "", "") if at < 0 else (text[:at], mark, text[at + len(mark) :])


def _unquote(text: str) -> bytes:
    first, *others = text.split("%")
    octets = first.encode()
    for part in others:
        octets += bytes((int(part[:2], 16),)) + part[2:].encode()
    return octets


def build_request(
    host: str,
    port: int,
    path: str,
    userinfo: str = "",
    token: str | None = None,
    headers: dict[str, str] | None = None,
    method: str = "GET",
) -> bytes:
    """Return the head of a request without its last, empty line."""
    if ":" in host:
        host = "[%s]" % host
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: %s:%d" % (host, port)]
    if userinfo:
        token = "Basic " + b2a_base64(_unquote(userinfo)).decode().strip()
    elif token:
        token = "Bearer " + token
    if token:
        lines.append("Authorization: " + token)
    headers = headers or {}
    for name in headers:
        lines.append("%s: %s" % (name, headers[name]))
    for line in lines:
        if "\r" in line or "\n" in line:
            # Not the value: it may be a secret.
            raise ValueError("line break in header " + line.split(":")[0])
    lines.append("")
    return "\r\n".join(lines).encode()


def prepare(uri: str, headers, subprotocols: tuple[str, ...], token: str | None):
    """Return (is_secure, host, port, request, key) for a handshake with the URI."""
    is_secure, host, port, path, userinfo = parse_uri(uri)
    key = b2a_base64(urandom(16)).strip()
    request = (
        build_request(host, port, path, userinfo, token, headers)
        + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + b"Sec-WebSocket-Key: "
        + key
    )
    if subprotocols:
        request += b"\r\nSec-WebSocket-Protocol: " + ", ".join(subprotocols).encode()
    return is_secure, host, port, request + b"\r\n\r\n", key


def accept_key(key: bytes) -> str:
    """Return what a server must answer to the key. Source: RFC 6455, 4.2.2."""
    digest = sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return b2a_base64(digest).decode().strip()


class Response:
    """The head of an HTTP response, read line by line."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._size = 0

    def read(self, reader) -> bool:
        """Take the lines that have arrived; return whether the head is complete.

        Args:
            reader: has `read_line()`, which returns bytes, or None for not yet.
        """
        while True:
            line = reader.read_line()
            if line is None:
                return False
            self._size += len(line) + 2
            if self._size > _MAX_HEAD:
                raise HandshakeError("too many headers")
            if not self.status:
                try:
                    version, status = line.split(None, 2)[:2]
                    self.status = int(status)
                except ValueError:
                    version = b""
                if version[:7] != b"HTTP/1.":
                    raise HandshakeError("not HTTP: %r" % line[:40])
            elif line:
                if max(line) < 128:
                    name, _, value = _cut(line.decode(), ":")
                    self.headers[name.lower()] = value.strip()
            elif self.status < 101:
                self.status = 0  # "100 Continue": the answer is still to come.
            else:
                return True

    def check(self, key: bytes, subprotocols: tuple[str, ...]) -> str | None:
        """Return the subprotocol that the server chose, or raise HandshakeError."""
        headers = self.headers
        if self.status != 101:
            kind = Redirect if "location" in headers else InvalidStatus
            raise kind(self.status, headers)
        chosen = headers.get("sec-websocket-protocol")
        if (
            headers.get("upgrade", "").lower() != "websocket"
            or "upgrade" not in headers.get("connection", "").lower()
            or "sec-websocket-extensions" in headers
        ):
            raise HandshakeError("not upgraded")
        if headers.get("sec-websocket-accept") != accept_key(key):
            raise HandshakeError("wrong accept key")
        if chosen is not None and chosen not in subprotocols:
            raise HandshakeError("subprotocol not offered")
        return chosen
