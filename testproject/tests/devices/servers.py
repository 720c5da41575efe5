"""Servers of devices as users run them, and devices that speak both protocols."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.sites import run

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 20
DEVICES = 11  # One of them has only an expired token, and the last are there to revoke.
EXPIRED = 7
# Each device and its token; every second one stands at the same site.
PREPARE = f"""
from django.utils import timezone
from devices.models import Device, Token
for number in range({DEVICES}):
    device = Device.objects.create(
        slug=f"device-{{number}}", name=f"Device {{number}}", site=f"site-{{number % 2}}"
    )
    print(device.issue_token())
Token.objects.filter(device__slug="device-{EXPIRED}").update(expires_at=timezone.now())
"""


@dataclass
class DeviceSite:
    """A site with devices: its environment, and a token of each."""

    environ: dict[str, str] = field(repr=False)
    tokens: list[str] = field(repr=False)

    @classmethod
    def prepare(cls, environ: dict[str, str]) -> DeviceSite:
        """Make the devices."""
        status, output, errors = run("shell", "-v0", "-c", PREPARE, environ=environ)
        assert status == 0, errors
        return cls(environ, output.split())

    def query(self, statement: str) -> list[Any]:
        """Return the rows of a query, below Django: it has one database here."""
        with (
            closing(connection.Database.connect(self.environ["DATABASE_URL"])) as other,
            closing(other.cursor()) as cursor,
        ):
            cursor.execute(statement)
            return list(cursor.fetchall())

    def readings(self, name: str) -> list[tuple[str, Any]]:
        """Return the device and the value of each reading of that name, in order."""
        return self.query(
            f"SELECT device.slug, reading.values -> '{name}' FROM devices_reading reading"
            " JOIN devices_device device ON device.id = reading.device_id"
            f" WHERE jsonb_exists(reading.values, '{name}') ORDER BY reading.id"
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def command(server: str, port: int) -> list[str]:
    if server == "daphne":
        program = ["daphne", "-b", "127.0.0.1", "-p", str(port)]
    else:
        program = ["uvicorn", "--host", "127.0.0.1", "--port", str(port)]
        program += ["--log-level", "warning", "--timeout-graceful-shutdown", "2"]
        program += ["--ws-max-size", "16384", "--ws", "websockets-sansio"]
    return [sys.executable, "-m", *program, "testproject.asgi:application"]


@dataclass
class Server:
    """A worker: `port` and its process.

    Daphne closes without a reason, and it cannot send an empty message.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    environ: dict[str, str] = field(repr=False)

    @property
    def logged(self) -> str:
        return self.log.read_text()

    def reason(self, text: str) -> str:
        return "" if self.name == "daphne" else text

    def uri(self, path: str = "/ws/device/") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        # uvicorn dies of a SIGTERM after all, and what was measured with it.
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(TIMEOUT_S)


@contextlib.contextmanager
def serve(
    environ: dict[str, str], log: Path, server: str = "uvicorn"
) -> Iterator[Server]:
    """Yield a server that answers."""
    port = free_port()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command(server, port),
            cwd=ROOT.parent,  # Coverage names files from where it was begun.
            env={**environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    running = Server(server, port, process, log, environ)
    try:
        wait_for_port(running)
        yield running
    finally:
        running.stop()


class Servers:
    """Servers of one environment, each started when first asked for, or if it died."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.environ = {
            **environ,
            "DJANGO_SETTINGS_MODULE": "tests.devices.pushing_settings",
        }
        self._folder = folder
        self._running: dict[str, Server] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> Server:
        running = self._running.get(name)
        if running is None or running.process.poll() is not None:
            log = self._folder / name
            running = self._stack.enter_context(serve(self.environ, log, name))
            self._running[name] = running
        return running


@dataclass
class Redis:
    """A Redis that keeps nothing on disk, so a restart loses everything."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(TIMEOUT_S)
            self.process = None


PUSHER = """
import sys
import django
django.setup()
import asyncio
from django.core.management import call_command
from devices.workers.pushing import apush, push, push_to_site
print("ready", flush=True)
for line in sys.stdin:
    try:
        exec(line)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    else:
        print("pushed", flush=True)
"""


@contextlib.contextmanager
def push_elsewhere(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that runs each line of its input, for `tell`."""
    with subprocess.Popen(
        [sys.executable, "-c", PUSHER],
        cwd=ROOT,
        env={**environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            assert process.stdin
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TIMEOUT_S)
            process.kill()


async def tell(pusher: subprocess.Popen[str], line: str) -> str:
    """Let another process run a line; return "pushed" or its error."""

    def ask() -> str:
        assert pusher.stdin
        assert pusher.stdout
        print(line, file=pusher.stdin, flush=True)
        return pusher.stdout.readline().rstrip()

    return await asyncio.wait_for(asyncio.to_thread(ask), TIMEOUT_S)


def wait_for_port(server: Server) -> None:
    deadline = time.monotonic() + 60
    while server.process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(0.1)
    raise AssertionError(server.logged)


def dial(server: Server, token: str = "", path: str = "/ws/device/") -> connect:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return connect(server.uri(path), additional_headers=headers, proxy=None)


def browse(server: Server) -> connect:
    """Return the connection of a dashboard of nobody who is logged in."""
    origin = f"http://127.0.0.1:{server.port}"
    return connect(server.uri("/ws/dashboard/"), origin=origin, proxy=None)


async def receive(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), TIMEOUT_S))


async def receive_type(socket: ClientConnection, kind: str, **wanted: Any) -> Any:
    """Return the next message of a dashboard of that type, with those values."""

    async def look() -> Any:
        while True:
            message = await receive(socket)
            if message["type"] == kind and wanted.items() <= message.items():
                return message

    # Of them all: a page is told something every second.
    return await asyncio.wait_for(look(), TIMEOUT_S)


async def closed_with(socket: ClientConnection) -> tuple[int | None, str | None]:
    """Return the code and the reason with which the server closes."""

    async def read_to_the_end() -> None:
        # Who does not read sees no close frame behind more than 16 messages.
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()

    await asyncio.wait_for(read_to_the_end(), TIMEOUT_S)
    return socket.close_code, socket.close_reason


class SocketDevice:
    """A Socket.IO device; what it is sent is in `events`."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.events: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
        self.is_over = asyncio.Event()

        @self.client.event
        async def disconnect(*reason: Any) -> None:
            self.is_over.set()

        @self.client.on("*")
        async def take(event: str, *arguments: Any) -> Any:
            await self.events.put((event, *arguments))
            return arguments[0] if arguments else None

    async def open(self, server: Server, token: str, **options: Any) -> SocketDevice:
        url = f"http://127.0.0.1:{server.port}"
        options.setdefault("transports", ["websocket"])
        await self.client.connect(url, auth={"token": token}, **options)
        return self

    async def next(self) -> tuple[Any, ...]:
        return await asyncio.wait_for(self.events.get(), TIMEOUT_S)

    async def wait_closed(self) -> None:
        # The client's own `wait` sleeps a second to see whether it connects again.
        await asyncio.wait_for(self.is_over.wait(), TIMEOUT_S)

    async def close(self) -> None:
        # The client may wait for a poll that the server holds.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.client.disconnect(), 0.2)
