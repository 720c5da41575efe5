"""The errors of usocketio; those of uwebsockets come through as they are.

SocketIOError
    PacketError     the peer sent what is not Socket.IO
    ConnectError    the server refused a namespace: .namespace, .data
    Disconnected    the connection was lost before the answer came
"""


class SocketIOError(Exception):
    """The base of all."""


class PacketError(SocketIOError):
    """The peer does not speak Engine.IO 4 and Socket.IO 5."""


class ConnectError(SocketIOError):
    """The server refused a namespace."""

    def __init__(self, namespace: str, data) -> None:
        super().__init__("%s: %s" % (namespace, data))
        self.namespace = namespace
        self.data = data


class Disconnected(SocketIOError):
    """The connection was lost before the answer came, or is closed."""
