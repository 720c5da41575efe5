"""The README's programs run as they are printed, but for the server's address."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from conftest import FIRMWARE
from servers import Loop, Trouble
from test_examples import Home

README = (FIRMWARE / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(
    r"```python\n(.*?)```(?:\n\nprints\n\n```text\n(.*?)```)?", README, re.DOTALL
)
PRESS = """
async def press():
    from upins import fake
    await asyncio.sleep(0.05)  # Until it waits.
    for _ in range(3):
        fake.Pin.by_number[0].drive(0)
        await asyncio.sleep(0.1)
        fake.Pin.by_number[0].drive(1)
        await asyncio.sleep(0.1)

async def both():
    running = asyncio.create_task(main())
    await press()
    running.cancel()
    print("led", led())

asyncio.run(both())
"""


class Shown(Home):
    """What the README's programs talk to."""

    on_echo = Trouble.on_echo

    async def on_socket_io(self, wire):
        await wire.upgrade()
        opening = {
            "sid": "a",
            "upgrades": [],
            "pingInterval": 5000,
            "pingTimeout": 5000,
        }
        await wire.text("0" + json.dumps(opening))
        while True:
            first, data = await wire.read_frame()
            text = data.decode() if first == 0x81 else ""
            if text.startswith("40"):
                assert json.loads(text[2:]) == {"token": "secret"}
                await wire.text('40{"sid":"b"}')
            elif text.startswith("421"):
                await wire.text("431[42]")
                await asyncio.sleep(0.05)
                await wire.text('427["alert","fire"]')
            elif text:
                self.seen.append(text)


@pytest.fixture
def server():
    with Loop() as loop:
        made = Shown()
        made.port = loop.call(made.start())
        yield made
        loop.call(made.stop())


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_program(runtime, number, server, program):
    source, expected = PROGRAMS[number]
    source = source.replace("192.168.1.2:8765", f"127.0.0.1:{server.port}")
    if "while True" in source:
        source, expected = source + PRESS, "led 1\n"

    output = program.run(runtime, source)

    assert output == (expected or "one\ntwo\n")
    if "alert" in source:
        assert '437["seen"]' in server.seen


def test_every_program_is_found():
    assert len(PROGRAMS) == README.count("```python") == 4


def test_the_plan_of_the_readme_can_be_printed(tmp_path, monkeypatch, capsys):
    import flash

    monkeypatch.chdir(tmp_path)
    (tmp_path / "ESP8266_GENERIC-FLASH_2M_ROMFS.bin").write_bytes(flash.MAGIC)
    (tmp_path / "firmware").symlink_to(FIRMWARE)
    command = re.search(r"python firmware/flash.py (.*?)\n   ```", README, re.DOTALL)[1]
    arguments = command.replace("\\\n", " ").split()

    assert flash.main(arguments) == 0

    assert "romfs deploy" in capsys.readouterr().out
