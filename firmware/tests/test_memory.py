"""The memory budget: bytes of bytecode, and the heap of an ESP8266.

MicroPython of 32 bit with `-X heapsize=38k` is the nearest model of the chip that runs
here. In place means that the code lies outside the heap, as in ROMFS or frozen.
"""

from __future__ import annotations

import json
import re

import build
import pytest
import runtimes
from conftest import DEVICE, FIRMWARE
from servers import Loop, Trouble
from test_faults import Numbers

KB = 1024
BYTECODE = {
    "uwebsockets": (["uwebsockets"], 9.5),
    "usocketio": (["uwebsockets", "usocketio"], 18),
    "both with asyncio": (
        ["uwebsockets", "usocketio", "uwebsockets-aio", "usocketio-aio"],
        24,
    ),
}
EVERYTHING = BYTECODE["both with asyncio"][0]
START = """
import gc, sys
%s
for name in ("in_place", "os", "ffi", "uctypes", "vfs"):
    sys.modules.pop(name, None)
del name
"""
PLACES = {
    "in place": "import in_place\nin_place.mount(%r)\ndel in_place",
    "in RAM": "sys.path.insert(0, %r)",
}
WEBSOCKET = """
from uwebsockets.client import connect
socket = connect("ws://127.0.0.1:%(websocket)d/echo")
gc.collect()
print("free", gc.mem_free())
"""
SOCKETIO = """
from usocketio.client import connect
socketio = connect("http://127.0.0.1:%(socketio)d/")
gc.collect()
print("free", gc.mem_free())
assert socketio.call("number", 7) == 7
"""
WEBSOCKET_AIO = """
import asyncio
from uwebsockets.aio import connect
async def main():
    socket = await connect("ws://127.0.0.1:%(websocket)d/echo")
    gc.collect()
    print("free", gc.mem_free())
    %(then)s
asyncio.run(main())
"""
SOCKETIO_AIO = """
import asyncio
from usocketio.aio import connect
async def main():
    socketio = await connect("http://127.0.0.1:%(socketio)d/")
    gc.collect()
    print("free", gc.mem_free())
    assert await socketio.call("number", 7) == 7
    await socketio.close()
asyncio.run(main())
"""
# What must be free after connect, in KB, with the code in place.
HEAP = {
    "WebSocket": (WEBSOCKET, 26),
    "Socket.IO": (SOCKETIO, 20),
    "WebSocket, asyncio": (WEBSOCKET_AIO, 20),
    "Socket.IO, asyncio": (SOCKETIO_AIO, 14),
}
ECHO_8K = """
data = b"8 bytes." * 1024
socket.send(data)
assert socket.recv() == data
"""
ECHO_4K = """data = b"8 bytes." * 512
    await socket.send(data)
    assert await socket.recv() == data"""
MANY = """
data = b"0123456789abcdef"
def echo(count):
    for _ in range(count):
        socket.send(data)
        assert socket.recv() == data
def free():
    gc.collect()
    return gc.mem_free()
echo(100)
before = free()
for _ in range(10):
    echo(1000)
    # The interpreter keeps a block or two of what it did last.
    assert free() >= before - 64, (before, free())
"""
LOCKED = """
import micropython
def send_locked(data, view):
    socket.send(data)  # Draws the masks of sixteen frames.
    micropython.heap_lock()
    for _ in range(7):
        socket.send(data)
        socket.send(view)
    micropython.heap_unlock()
    for _ in range(15):
        assert socket.recv() == data
send_locked(bytes(%d), memoryview(bytes(%d)))
"""


@pytest.fixture(scope="module")
def ports():
    with Loop() as loop:
        websocket, socketio = Trouble(), Numbers()
        yield {
            "websocket": loop.call(websocket.start()),
            "socketio": loop.call(socketio.start()),
            "then": "await socket.close()",
        }
        loop.call(websocket.stop())
        loop.call(socketio.stop())


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code") / "modules"
    build.compile_sets(folder, EVERYTHING)
    image = folder.parent / "code.romfs"
    build.build_romfs(folder, image)
    return {"in place": str(image), "in RAM": str(folder)}


def note(name, value):
    """Keep a figure for the summary, which another process prints."""
    folder = runtimes.CACHE / "figures"
    folder.mkdir(exist_ok=True)
    (folder / f"{re.sub(r'[^a-zA-Z0-9]+', '-', name)}.json").write_text(
        json.dumps([name, value])
    )


def run(program, runtime, places, place, source):
    """Run in a heap of 38 KB; return what was free, None if there was too little.

    Names of folders are in the heap, too: all are short, whatever those of this machine.
    """
    for name, target in (
        ("code", places[place]),
        ("in_place.py", DEVICE / "in_place.py"),
    ):
        (program.folder / name).unlink(missing_ok=True)
        (program.folder / name).symlink_to(target)
    start = START % (PLACES[place] % "code")
    process = program.start(runtime, start + source, heap="38k", places=())
    output, _ = process.communicate(timeout=60)
    if "MemoryError" in output or "out of memory" in output:
        return None
    assert process.returncode == 0, output
    return int(re.search(r"free (\d+)", output)[1])


def stated(name, column):
    """Return the KB that the README's table states, None for words."""
    text = (FIRMWARE / "README.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| {name}"))
    number = re.match(r"[\d.]+", row.split("|")[column + 1].strip())
    return number and float(number[0])


@pytest.mark.parametrize("name", BYTECODE)
def test_the_bytecode_is_within_its_budget(name, tmp_path):
    sets, limit = BYTECODE[name]

    size = sum(path.stat().st_size for path in build.compile_sets(tmp_path, sets))

    note(f"bytecode at -O3, {name}", f"{size} bytes of {limit} KB")
    assert size <= limit * KB
    row = {"uwebsockets": "WebSocket, blocking", "usocketio": "Socket.IO, blocking"}
    assert abs(stated(row.get(name, "Socket.IO, asyncio"), 1) - size / KB) < 0.2


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HEAP)
def test_the_heap_that_is_left_after_connect(
    small, name, place, places, ports, program
):
    source, least = HEAP[name]

    free = run(program, small, places, place, source % ports)

    note(f"heap free after connect, {name}, {place}", free or "too small")
    if place == "in place":
        assert free is not None
        assert free >= least * KB
    column = 2 if place == "in place" else 3
    row = name if "," in name else f"{name}, blocking"
    figure = stated(row, column)
    assert figure == free or abs(figure - free / KB) < 0.6


@pytest.mark.parametrize(
    "source",
    [
        WEBSOCKET + ECHO_8K,
        WEBSOCKET_AIO.replace("%(then)s", ECHO_4K),
        WEBSOCKET + MANY,
        WEBSOCKET + LOCKED % (500, 500),
        WEBSOCKET + LOCKED % (10, 10),
    ],
    ids=[
        "8 KB echo",
        "4 KB echo with asyncio",
        "10,000 echoes do not grow",
        "no allocation to send 500 bytes",
        "no allocation to send 10 bytes",
    ],
)
def test_within_a_heap_of_38_kb(small, source, places, ports, program):
    assert run(program, small, places, "in place", source % ports) is not None


@pytest.mark.parametrize("size", [10, 2000])
def test_no_allocation_to_send_with_viper(micropython, size, ports, program):
    source = "import gc" + WEBSOCKET + LOCKED % (size, size)
    check = "from uwebsockets.protocol import mask_words\nassert mask_words\n"

    program.run(micropython, check + source % ports)
