"""Devices on one worker and on two: connections, memory, broadcasts, latency.

    python -m dev_services run --throw-away --services postgresql -- \\
        .venv/bin/python testproject/benchmarks/load.py [--devices 2000]

The devices are sockets in this process, so they share the machine with the servers.
Every broadcast goes through a view, `push_to_site` and the real consumer. With a
`redis-server` on PATH it also measures two workers.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.devices.pushing_settings"

import django  # noqa: E402
import psutil  # noqa: E402

from tests.devices.servers import Server, free_port, serve  # noqa: E402

FRAME = b'\x81\x10{"ring": "site"}'
ROUNDS = 5
BROADCASTS = 5  # In each round, one after the other without waiting for the devices.
PUSHES = 200
GOALS = {"broadcast messages/s": 1500, "KB per connection": 40, "two workers": 1.6}


class Device(asyncio.Protocol):
    """A device that shows its token and counts the frames that it is sent."""

    def __init__(self, token: str, crowd: Crowd) -> None:
        self._token = token
        self._crowd = crowd
        self._buffer = b""
        self._is_asking = self._is_open = False

    def connection_made(self, transport: Any) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                "GET /ws/device/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {self._token}\r\n"
                "\r\n"
            ).encode()
        )
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_asking and b"\r\n\r\n" in self._buffer:
            self._is_asking = True
            # The answer shows that the device was let in: {"id": 0}, masked by 0.
            self._transport.write(b'\x81\x89\0\0\0\0{"id": 0}')
        if not self._is_open:
            _, found, rest = self._buffer.partition(b'{"ack": 0}')
            if not found:
                return
            self._is_open = True
            self._buffer = rest
            self._crowd.count()
        while self._buffer:
            if self._buffer.startswith(FRAME):
                self._buffer = self._buffer[len(FRAME) :]
                self._crowd.count()
            elif not self._answer_ping():
                return

    def _answer_ping(self) -> bool:
        """Answer a whole ping; a server drops who does not."""
        if len(self._buffer) < 2 or self._buffer[0] != 0x89:
            return False
        end = 2 + self._buffer[1]
        if len(self._buffer) < end:
            return False
        masked = bytes((0x8A, 0x80 | end - 2, 0, 0, 0, 0))
        self._transport.write(masked + self._buffer[2:end])
        self._buffer = self._buffer[end:]
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._crowd.lost += 1


class Crowd:
    """Counts what all devices get."""

    def __init__(self) -> None:
        self.lost = 0
        self._left = 0
        self._is_done = asyncio.Event()

    def expect(self, count: int) -> None:
        self._left = count
        self._is_done.clear()

    def count(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._is_done.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self._is_done.wait(), 60)


def make_devices(count: int) -> list[str]:
    django.setup()
    from django.core.management import call_command

    from devices.models import Device as Row
    from devices.models import Token
    from devices.wire.tokens import digest_token, make_token

    call_command("migrate", interactive=False, verbosity=0)
    rows = Row.objects.bulk_create(
        Row(slug=f"bench-{number}", name=f"Bench {number}", site="site-1")
        for number in range(count)
    )
    tokens = [make_token() for _ in rows]
    Token.objects.bulk_create(
        Token(device=row, digest=digest_token(token))
        for row, token in zip(rows, tokens, strict=True)
    )
    return tokens


async def connect(server: Server, tokens: list[str], crowd: Crowd) -> list[Any]:
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(50)

    async def one(token: str) -> Any:
        async with gate:
            address = "127.0.0.1", server.port
            transport, _ = await loop.create_connection(
                lambda: Device(token, crowd), *address
            )
            return transport

    return list(await asyncio.gather(*(one(token) for token in tokens)))


async def visit(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /site/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.read()
    writer.close()


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def measure(servers: list[Server], tokens: list[str]) -> dict[str, float]:
    crowd = Crowd()
    process = psutil.Process(servers[0].process.pid)
    # The first request loads the URLs, and the first device the database's driver.
    await visit(servers[0])
    before = process.memory_info().rss
    crowd.expect(len(tokens))
    started = time.perf_counter()
    transports: list[Any] = []
    for number, server in enumerate(servers):
        transports += await connect(server, tokens[number :: len(servers)], crowd)
    await crowd.wait()
    connecting_s = time.perf_counter() - started
    grown = process.memory_info().rss - before
    times = []
    workers = [psutil.Process(server.process.pid) for server in servers]
    spent_s = [cpu_s(each) for each in [psutil.Process(), *workers]]
    for _ in range(ROUNDS):
        crowd.expect(BROADCASTS * len(tokens))
        started = time.perf_counter()
        visits = (visit(servers[0]) for _ in range(BROADCASTS))
        await asyncio.gather(*visits, crowd.wait())
        times.append(time.perf_counter() - started)
    ours, *theirs = (
        (cpu_s(each) - before_s) / (ROUNDS * BROADCASTS * len(tokens)) * 1e6
        for each, before_s in zip([psutil.Process(), *workers], spent_s, strict=True)
    )
    figures = {
        "connects/s": len(tokens) / connecting_s,
        "KB per connection": grown / 1024 / (len(tokens) / len(servers)),
        "broadcast messages/s": BROADCASTS * len(tokens) / statistics.median(times),
        # Of each message that is sent, by whoever sends it, and by the load generator.
        "server CPU us/message": sum(theirs),
        "generator CPU us/message": ours,
        "lost": float(crowd.lost),
    }
    for transport in transports:
        transport.close()
    return figures


async def measure_latency(server: Server, token: str) -> dict[str, float]:
    crowd = Crowd()
    crowd.expect(1)
    (transport,) = await connect(server, [token], crowd)
    await crowd.wait()
    times = []
    for _ in range(PUSHES):
        crowd.expect(1)
        started = time.perf_counter()
        await asyncio.gather(visit(server), crowd.wait())
        times.append((time.perf_counter() - started) * 1000)
    transport.close()
    return {
        "push median ms": statistics.median(times),
        "push p99 ms": statistics.quantiles(times, n=100)[98],
    }


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def run_case(
    name: str, programs: list[str], tokens: list[str], environ: dict[str, str]
) -> dict[str, float]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [
            stack.enter_context(serve(environ, folder / f"log-{number}", program))
            for number, program in enumerate(programs)
        ]
        figures = asyncio.run(measure(servers, tokens))
        figures |= asyncio.run(measure_latency(servers[0], tokens[0]))
    shown = ", ".join(f"{key} {value:,.1f}" for key, value in figures.items())
    print(f"{name:28} {shown}", flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2000)
    count = parser.parse_args().devices
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * count + 1000), hard))
    tokens = make_devices(count)
    environ = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    results = {
        "uvicorn": run_case("uvicorn, in memory", ["uvicorn"], tokens, environ),
        "daphne": run_case("daphne, in memory", ["daphne"], tokens, environ),
    }
    ratios = {}
    if shutil.which("redis-server"):
        with redis_server() as url:
            environ["REDIS_URL"] = url
            one = run_case("uvicorn, Redis", ["uvicorn"], tokens, environ)
            two = run_case("2 x uvicorn, Redis", ["uvicorn"] * 2, tokens, environ)
        results |= {"redis one": one, "redis two": two}
        ratios["two workers"] = (
            two["broadcast messages/s"] / one["broadcast messages/s"]
        )
        added = one["push median ms"] - results["uvicorn"]["push median ms"]
        ratios["push ms added by Redis"] = added
    figures = {
        **{key: results["uvicorn"][key] for key in list(GOALS)[:2]},
        **ratios,
    }
    for key, goal in GOALS.items():
        if key in figures:
            print(f"{key}: {figures[key]:,.1f} (goal {goal})")
    print(json.dumps({"results": results, "ratios": ratios}))


if __name__ == "__main__":
    main()
