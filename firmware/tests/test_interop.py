"""Socket.IO against python-socketio and against the reference server of npm."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import runtimes

TESTS = Path(__file__).parent
NODE = ["node", str(TESTS / "socketio_node.mjs"), str(runtimes.CACHE / "npm")]
SERVERS = {
    "python": [sys.executable, str(TESTS / "socketio_python.py")],
    "node": NODE,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module", params=SERVERS)
def server(request):
    if request.param == "node" and not shutil.which("node"):
        pytest.skip("there is no node")
    ports = []
    processes = []
    for transports in ([], ["polling"]):
        port = free_port()
        processes.append(
            subprocess.Popen(
                [*SERVERS[request.param], str(port), *transports],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        ports.append(port)
    try:
        for port, process in zip(ports, processes, strict=True):
            wait_for_port(port, process)
        yield ports
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=10)


# The server that only polls refuses the upgrade.
WAYS = {"websocket": (0, False), "upgrade": (0, True), "polling": (1, True)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("module", ["interop_blocking", "interop_asyncio"])
def test_the_client(oldest, newest, module, way, server, program):
    number, polling = WAYS[way]
    output = program.run(
        newest if module == "interop_blocking" else oldest,
        f"import run, {module}\n"
        f"{module}.URI = 'http://127.0.0.1:{server[number]}'\n"
        f"{module}.OPTIONS = {{'polling': {polling}}}\n"
        f"run.main(['{module}'])\n",
    )

    last = output.strip().splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last), output
