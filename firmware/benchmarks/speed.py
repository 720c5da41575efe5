"""Measure the clients against their peers on MicroPython: python speed.py [--rounds N].

Peers: micropython-lib's aiohttp, the seed's client (danni/uwebsockets) with Nagle's
algorithm switched off, and CPython's websockets. MicroPython's mip fetches the first two
where there is a network; else name a folder that holds `aiohttp/` and `danni/` (the
package `uwebsockets` of the seed) in FIRMWARE_PEERS. The server is a raw socket: it
knows how long each frame is and answers with one made beforehand, since a WebSocket
server in Python saturates before the clients do.
Client and server share one core: between two, waking the other takes longer than an echo.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(FIRMWARE / "tools"))

import runtimes  # noqa: E402

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PEERS = runtimes.CACHE / "peers"
SECONDS = 0.3
FETCH = """
import mip
mip.install("aiohttp", target=%r)
for name in ("__init__", "client", "protocol"):
    mip.install("github:danni/uwebsockets/uwebsockets/%%s.py" %% name, target=%r)
"""
# Each program has echo(path, data, seconds), which returns echoes per second, and
# send(path, data, count), which returns seconds.
TIMING = """
import gc, sys, time
ticks = getattr(time, "ticks_us", lambda: time.monotonic_ns() // 1000)
diff = getattr(time, "ticks_diff", lambda end, start: end - start)
URL = "ws://127.0.0.1:%d"
"""
BLOCKING = """
def echo(path, data, seconds):
    socket = connect(URL + path)
    receive = socket.recv
    count = 0
    gc.collect()
    start = ticks()
    while diff(ticks(), start) < seconds * 1000000:
        for _ in range(20):
            socket.send(data)
            receive()
        count += 20
    return count * 1000000 / diff(ticks(), start)

def send(path, data, count):
    socket = connect(URL + path)
    gc.collect()
    start = ticks()
    for _ in range(count):
        socket.send(data)
    socket.recv()
    return diff(ticks(), start) / 1000000
"""
ASYNC = """
import asyncio
async def _echo(path, data, seconds):
    async with opened(URL + path) as socket:
        count = 0
        gc.collect()
        start = ticks()
        while diff(ticks(), start) < seconds * 1000000:
            for _ in range(20):
                await socket.send(data)
                await socket.recv()
            count += 20
        result = count * 1000000 / diff(ticks(), start)
        socket.abort()
        return result

async def _send(path, data, count):
    async with opened(URL + path) as socket:
        gc.collect()
        start = ticks()
        for _ in range(count):
            await socket.send(data)
        await socket.recv()
        result = diff(ticks(), start) / 1000000
        socket.abort()
        return result

def echo(*arguments):
    return asyncio.run(_echo(*arguments))

def send(*arguments):
    return asyncio.run(_send(*arguments))
"""
BYTECODE = """
import uwebsockets.protocol
uwebsockets.protocol.mask_words = None
"""
CLIENTS = {
    "blocking": "from uwebsockets.client import connect\n" + BLOCKING,
    "blocking, bytecode": "from uwebsockets.client import connect\n"
    + BYTECODE
    + BLOCKING,
    "asyncio": "from uwebsockets.aio import connect as opened\n" + ASYNC,
    "asyncio, bytecode": "from uwebsockets.aio import connect as opened\n"
    + BYTECODE
    + ASYNC,
    "aiohttp": """
import aiohttp
class opened:
    def __init__(self, url):
        self.url = url
    async def __aenter__(self):
        session = await aiohttp.ClientSession().__aenter__()
        self.socket = await session.ws_connect(self.url).__aenter__()
        return self
    async def __aexit__(self, *error):
        pass
    async def send(self, data):
        await self.socket.ws.send(data)
    async def recv(self):
        return await self.socket.ws.receive()
    def abort(self):
        pass
"""
    + ASYNC,
    "the seed's, no Nagle": """
class Ignore:
    def __getattr__(self, name):
        return lambda *arguments, **options: self
sys.modules["logging"] = Ignore()
sys.modules["ussl"] = Ignore()
import uwebsockets.client
def connect(url):
    socket = uwebsockets.client.connect(url)
    socket.sock.setsockopt(6, 1, 1)
    return socket
"""
    + BLOCKING,
    "CPython's websockets": """
from websockets.asyncio.client import connect
class opened:
    def __init__(self, url):
        self.connecting = connect(url, max_size=None, compression=None)
    async def __aenter__(self):
        socket = await self.connecting
        socket.abort = socket.transport.abort
        return socket
    async def __aexit__(self, *error):
        pass
"""
    + ASYNC,
}
PLACES = {"aiohttp": "aiohttp", "the seed's, no Nagle": "danni"}
TASKS = {
    "16 B echo/s": "print(echo('/echo/16', b'0123456789abcdef', %g))" % SECONDS,
    "4 KB echo/s": "print(echo('/echo/4096', bytes(4096), %g))" % SECONDS,
    "4 KB send MB/s": "print(%d * 4096 / send('/sink/4096/%d', bytes(4096), %d) / 1e6)",
}
# How many frames of 4 KB each client sends: some tenths of a second.
SENDS = {"aiohttp": 200, "the seed's, no Nagle": 200}
GOALS = [
    ("16 B echo/s", "blocking", "aiohttp", 1.2),
    ("16 B echo/s", "blocking", "the seed's, no Nagle", 1.1),
    ("16 B echo/s", "asyncio", "aiohttp", 1.0),
    ("4 KB send MB/s", "blocking, bytecode", "aiohttp", 10),
    ("4 KB send MB/s", "blocking", "aiohttp", 15),
]
LARGE = (1, 4, 16)  # MB


class EchoServer:
    """Answer the n-th frame of a known length with a frame that is ready."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        lines = head.decode().split("\r\n")
        key = next(
            line[19:]
            for line in lines
            if line.lower().startswith("sec-websocket-key: ")
        )
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        _, kind, *numbers = lines[0].split(" ")[1].split("/")
        size = int(numbers[0])
        masked = size + 4 + len(frame_head(size))
        answer = frame_head(size) + bytes(size)
        if kind == "sink":
            answer = frame_head(2) + b"ok"
        total = masked * int(numbers[1]) if kind == "sink" else masked
        view = memoryview(bytearray(1 << 18))
        try:
            while True:
                left = total
                while left:
                    count = connection.recv_into(view[: min(left, len(view))])
                    if not count:
                        return
                    left -= count
                connection.sendall(answer)
        except OSError:
            pass
        finally:
            connection.close()


def frame_head(size):
    """Return the head of a binary frame."""
    if size < 126:
        return bytes([0x82, size])
    if size < 65536:
        return bytes([0x82, 126]) + size.to_bytes(2, "big")
    return bytes([0x82, 127]) + size.to_bytes(8, "big")


def find_peers(runtime):
    """Return where the peers are; fetch them if they are nowhere."""
    named = os.environ.get("FIRMWARE_PEERS")
    folder = Path(named) if named else PEERS
    if not named and not (PEERS / "aiohttp").exists():
        program = FETCH % (str(PEERS / "aiohttp"), str(PEERS / "danni" / "uwebsockets"))
        (PEERS / "aiohttp").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [*runtime.command, "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            (PEERS / "aiohttp").rmdir()
    return {
        name: folder / place
        for name, place in PLACES.items()
        if (folder / place).exists()
    }


def measure(runtime, name, task, port, peers):
    """Run one task of one client in a process of its own; return the figure."""
    if name == "CPython's websockets":
        runtime = runtimes.cpython()
    place = peers.get(name, FIRMWARE)
    if "send" in task:
        count = SENDS.get(name, 3000)
        action = TASKS[task] % (count, count, count)
    else:
        action = TASKS[task]
    program = TIMING % port + CLIENTS[name] + action + "\n"
    environment = {**os.environ, "MICROPYPATH": f"{place}:.frozen"}
    heap = [] if runtime.is_cpython else ["-X", "heapsize=512k"]
    done = subprocess.run(
        [*runtime.command, *heap, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        cwd=place,
        timeout=120,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
    return float(done.stdout.split()[-1])


def measure_large(runtime, port):
    """Return seconds per MB of sends of ever larger messages, in bytecode."""
    action = "for size in %r:\n    data = bytes(size << 20)\n" % (LARGE,)
    action += "    print(min(send('/sink/%d/1' % (size << 20), data, 1) for _ in range(3)) / size)\n    data = None\n"
    program = TIMING % port + CLIENTS["blocking, bytecode"] + action
    environment = {**os.environ, "MICROPYPATH": f"{FIRMWARE}:.frozen"}
    done = subprocess.run(
        [*runtime.command, "-X", "heapsize=64M", "-c", program],
        capture_output=True, text=True, env=environment, cwd=FIRMWARE, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Measure all, interleaved, and print medians, ratios and goals."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    runtimes.fetch()
    if hasattr(
        os, "sched_setaffinity"
    ):  # Threads and programs started later inherit it.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = runtimes.find_runtimes()
    if not found:
        raise SystemExit("there is no MicroPython")
    runtime = [each for each in found if each.bits == 64][-1]
    peers = find_peers(runtime)
    names = [name for name in CLIENTS if name not in PLACES or name in peers]
    port = EchoServer().port
    figures = {(name, task): [] for name in names for task in TASKS}
    for _ in range(rounds):
        # In another order each time: the first after a pause is always slower.
        for name, task in random.sample(sorted(figures), len(figures)):
            figures[name, task].append(measure(runtime, name, task, port, peers))
    medians = {key: statistics.median(values) for key, values in figures.items()}
    print(f"{runtime.name}, median of {rounds}\n")
    print(f"{'client':24}" + "".join(f"{task:>18}" for task in TASKS))
    for name in names:
        cells = "".join(f"{medians[name, task]:18,.1f}" for task in TASKS)
        print(f"{name:24}{cells}")
    ratios = {}
    print()
    for task, ours, peer, goal in GOALS:
        if peer not in names:
            print(f"{task}: no {peer} to compare with, see --help")
            continue
        ratio = medians[ours, task] / medians[peer, task]
        ratios[f"{task}: {ours} / {peer}"] = round(ratio, 2)
        print(f"{task}: {ours} is {ratio:.2f}x {peer} (goal {goal}x)")
    echoes = medians["asyncio", "4 KB echo/s"]
    print(f"4 KB echo/s: asyncio {echoes:,.0f} (goal 3,500)")
    seconds = measure_large(runtime, port)
    line = ", ".join(
        f"{size} MB {value:.4f} s/MB"
        for size, value in zip(LARGE, seconds, strict=True)
    )
    growth = seconds[-1] / seconds[0]
    print(f"one message in bytecode: {line}; 16 MB / 1 MB {growth:.2f} (linear is 1)")
    ratios["seconds per MB: 16 MB / 1 MB"] = round(growth, 2)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
