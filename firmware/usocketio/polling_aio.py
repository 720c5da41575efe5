"""HTTP long-polling for the asyncio shell, see `usocketio.polling`."""

import asyncio

from usocketio.polling import Http, Target, Upgraded, pack, unpack
from uwebsockets.aio import WebSocket
from uwebsockets.aio import connect as connect_websocket
from uwebsockets.exceptions import ConnectionClosed, HandshakeError, WebSocketError


class AsyncHttp(WebSocket):
    """One request and its response, on a connection of its own."""

    has_ended = False
    response = None
    body = None
    take = Http.take
    is_complete = Http.is_complete
    result = Http.result

    async def finish(self) -> bytes:
        """Wait for the response."""
        while not self.is_complete():
            if self.has_ended:
                raise HandshakeError("the server closed the connection")
            self.has_ended = not await self.fill()
        self.abort()
        return self.result()


async def connect(uri: str, timeout: float = 10, **options):
    """Return a WebSocket if the server upgrades, else a Polling."""
    target = Target(uri, **options)
    polling = Polling(target, timeout)
    messages = await polling.fetch()
    if target.take_opening(messages):
        websocket = await _upgrade(target, timeout)
        if websocket is not None:
            return AsyncUpgraded(websocket, messages)
    polling.inbox = messages
    return polling


async def _upgrade(target: Target, timeout: float):
    uri, options = target.websocket(timeout)
    websocket = None
    try:
        websocket = await connect_websocket(uri, **options)
        await websocket.send("2probe")
        if await asyncio.wait_for(websocket.recv(), options["timeout"]) == "3probe":
            await websocket.send("5")
            return websocket
    except (OSError, WebSocketError, asyncio.TimeoutError):
        pass
    if websocket is not None:
        websocket.abort()
    return None


class AsyncUpgraded(Upgraded):
    """A WebSocket behind the messages that polling brought."""

    async def recv(self):
        """Return the next message."""
        return self.inbox.pop(0) if self.inbox else await self._websocket.recv()

    async def close(self) -> None:
        """Close the connection."""
        await Upgraded.close(self)


class Polling:
    """A transport like a WebSocket, by GET and POST requests."""

    close_timeout = 5.0

    def __init__(self, target: Target, timeout: float) -> None:
        self._target = target
        self._timeout = timeout
        self._open: list = []
        self._is_closed = False
        self.inbox: list = []

    async def _request(self, body: bytes | None) -> bytes:
        if self._is_closed:
            raise ConnectionClosed(1006, "")
        http = AsyncHttp(**self._target.options)
        self._open.append(http)
        try:
            host, port, ssl, request = self._target.request(body)
            await http.dial(host, port, ssl)
            await http.write_all(request)
            return await http.finish()
        finally:
            self._open.remove(http)
            http.abort()

    async def fetch(self) -> list:
        """Return the messages of the next GET."""
        return unpack(await self._request(None))

    async def recv(self):
        """Return the next message."""
        while not self.inbox:
            self.inbox = await self.fetch()
        return self.inbox.pop(0)

    async def send(self, message) -> None:
        """Send a message by a POST."""
        await asyncio.wait_for(self._request(pack(message)), self._timeout)

    def abort(self) -> None:
        """Give up the requests that wait."""
        self._is_closed = True
        for http in self._open:
            http.abort()

    async def close(self) -> None:
        """Do the same."""
        self.abort()
