"""Both shells on every runtime, against a server that misbehaves."""

from __future__ import annotations

import re

import pytest
from servers import Loop, Trouble


@pytest.fixture(scope="module")
def server():
    with Loop() as loop:
        made = Trouble()
        made.port = loop.call(made.start())
        yield made
        loop.call(made.stop())


@pytest.mark.parametrize("module", ["network_blocking", "network_asyncio"])
def test_the_shell(runtime, module, server, program):
    output = program.run(
        runtime,
        f"import run, {module}\n"
        f"{module}.BASE = 'ws://127.0.0.1:{server.port}'\n"
        f"run.main(['{module}'])\n",
    )

    last = output.strip().splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last), output
