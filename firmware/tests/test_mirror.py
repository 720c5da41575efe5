"""The examples of the official Socket.IO and Engine.IO suites, turned round."""

from __future__ import annotations

import re

import pytest
from mirror import Mirror
from servers import Loop


@pytest.mark.parametrize("shell", ["blocking", "asyncio"])
def test_every_example(extreme, shell, program):
    with Loop() as loop:
        server = Mirror()
        port = loop.call(server.start())
        output = program.run(
            extreme,
            f"import run, mirror\n"
            f"mirror.BASE = 'http://127.0.0.1:{port}'\n"
            f"mirror.test_{shell}()\n"
            f"print(len(mirror.CASES), 'passed, 0 failed')\n",
        )
        loop.call(server.stop())

    scripts = [name[3:] for name in dir(Mirror) if name.startswith("on_")]
    assert server.wrong == []
    assert sorted(set(server.played)) == sorted(scripts)
    assert re.search(rf"^{len(scripts)} passed", output, re.MULTILINE), output
