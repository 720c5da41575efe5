"""The programs of the simulated devices, without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from devices.simulated import FIRMWARE, PROGRAMS

WISHES = [1, "<script>", None, [], 7, 0, {}]
LAMP = [1, 1, 1, 1, 1, 0, 0]
SHED = """
print([shed.light(None, wish) for wish in wishes])
"""
GREENHOUSE = """
class Socket:
    async def __aiter__(self):
        for wish in wishes:
            yield json.dumps({"led": wish})

    async def send(self, text):
        said.append(json.loads(text)["answer"]["led"])

said = []
asyncio.run(greenhouse.obey(Socket()))
print(said)
"""


@pytest.mark.parametrize(
    ("program", "code"), [("shed", SHED), ("greenhouse", GREENHOUSE)]
)
def test_a_command_that_no_lamp_knows_changes_nothing_and_ends_no_program(
    program: str, code: str
) -> None:
    begin = f"import asyncio, json, {program}; wishes = json.loads({json.dumps(json.dumps(WISHES))})"
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}\n{code}"],
        env={**os.environ, "PYTHONPATH": f"{FIRMWARE}{os.pathsep}{PROGRAMS}"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == LAMP
