"""flash.py: the plan, its refusals, and mpremote's steps against a scripted board."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from board import Board
from conftest import FIRMWARE

import flash

SIZES = {"Detected flash size: 4MB": None, "Detected flash size: 1MB": None}
REFUSED = {
    "Detected flash size: 512KB": "512 KB of flash",
    "nothing": "size of the flash",
}


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "ESP8266_GENERIC-FLASH_2M_ROMFS.bin"
    path.write_bytes(flash.MAGIC + bytes(1000))
    return path


@pytest.fixture
def secrets(monkeypatch):
    monkeypatch.setenv("WIFI_PASSWORD", "s3cret")
    monkeypatch.setenv("DEVICE_TOKEN", "t0ken")
    monkeypatch.setattr(flash, "PAUSE_S", 0)


def with_esptool(size="Detected flash size: 4MB"):
    """Return an `execute` whose esptool only notes what it was asked to do."""
    commands = []

    def run(command):
        if "esptool" in command:
            commands.append(command[command.index("esptool") + 1 :])
            return size
        return flash.execute(command)

    return run, commands


def test_a_dry_run_prints_the_plan_and_no_secret(image, secrets, capsys):
    arguments = ["--port", "/dev/ttyX", "--image", str(image), "--ssid", "home"]

    assert flash.main([*arguments, "--dry-run"]) == 0

    printed = capsys.readouterr().out
    for step in (
        "flash-id",
        "erase-flash",
        "write-flash",
        "romfs deploy",
        "config.json",
    ):
        assert step in printed
    assert "s3cret" not in printed
    assert "t0ken" not in printed


@pytest.mark.parametrize("output", SIZES)
def test_a_large_enough_board(output):
    flash.check_size(output)


@pytest.mark.parametrize("output", REFUSED)
def test_a_board_that_is_too_small(output):
    with pytest.raises(flash.FlashError, match=REFUSED[output]):
        flash.check_size(output)


def test_a_small_board_is_refused_before_it_is_erased(image, secrets, capsys):
    run, commands = with_esptool("Detected flash size: 512KB")

    assert flash.main(["--port", "/dev/ttyX", "--image", str(image)], run) == 1

    assert len(commands) == 1
    message = capsys.readouterr().err
    assert "lacks asyncio" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--image", "missing.bin"], "there is no such image"),
        (["--image", "TEXT"], "not an ESP8266 image"),
        (["--program", "missing.py"], "there is no such program"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path, capsys):
    text = tmp_path / "text"
    text.write_text("no image")
    arguments = [str(text) if word == "TEXT" else word for word in arguments]

    assert flash.main([*arguments, "--dry-run"]) == 1

    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_an_unknown_set_is_refused():
    with pytest.raises(SystemExit):
        flash.main(["--without", "everything", "--dry-run"])


def test_a_board_is_written(image, secrets, tmp_path, capsys):
    folder = tmp_path / "board"
    folder.mkdir()
    run, commands = with_esptool()
    program = FIRMWARE / "examples" / "sensor.py"
    with Board(folder) as board:
        arguments = ["--port", board.port, "--image", str(image), "--ssid", "home"]
        arguments += ["--uri", "ws://server/sensor", "--program", str(program)]

        code = flash.main(arguments, run)

        output = capsys.readouterr()
        assert code == 0, output.err
        assert board.has_reset.wait(10)  # mpremote does not wait for it.

    assert [
        command[-1] if "write" not in command[-5] else "write" for command in commands
    ][:2] == [
        "flash-id",
        "erase-flash",
    ]
    assert str(image) in commands[2]
    assert board.romfs.startswith(b"\xd2\xcd\x31")
    assert b"uwebsockets" in board.romfs
    assert json.loads((folder / "config.json").read_text()) == {
        "ssid": "home",
        "uri": "ws://server/sensor",
        "password": "s3cret",
        "token": "t0ken",
    }
    assert (folder / "main.py").read_text() == program.read_text()
    assert (folder / "wifi.py").exists()
    assert board.resets == 1
    assert "s3cret" not in output.out + output.err


def test_modules_are_copied_where_there_is_no_romfs(secrets, tmp_path, capsys):
    folder = tmp_path / "board"
    folder.mkdir()
    with Board(folder, romfs_size=0) as board:
        assert flash.main(["--port", board.port]) == 1
        assert "--install copy" in capsys.readouterr().err

        assert flash.main(["--port", board.port, "--install", "copy"]) == 0

    copied = {path.relative_to(folder).as_posix() for path in folder.rglob("*.mpy")}
    assert "lib/uwebsockets/client.mpy" in copied
    assert "lib/usocketio/aio.mpy" in copied
    assert "lib/port/__init__.mpy" in copied


def test_an_old_micropython_is_refused(secrets, tmp_path, capsys):
    with Board(tmp_path, version=(1, 19, 1)) as board:
        assert flash.main(["--port", board.port]) == 1

    assert "1.19 is too old" in capsys.readouterr().err


def test_a_port_where_nothing_answers(secrets, capsys):
    assert flash.main(["--port", "/dev/does-not-exist"]) == 1

    error = capsys.readouterr().err
    assert "could not check that MicroPython answers" in error
    assert error.count("\n") == 1


def test_esptool_understands_the_commands(image):
    for command in ("flash-id", "erase-flash", "write-flash"):
        done = subprocess.run(
            [sys.executable, "-m", "esptool", "--chip", "esp8266", command, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0
    assert "--flash-size" in done.stdout
