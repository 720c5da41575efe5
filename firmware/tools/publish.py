"""Write what mip installs from: python firmware/tools/publish.py --url URL FOLDER.

Each of the folders source, bytecode, xtensa and xtensawin gets a package.json with
absolute URLs: mip before 0.4 knows no others, and it cannot choose an architecture.
Upload the folder to the URL, or let --serve serve it to the devices of your network:

    python firmware/tools/publish.py --serve 8000
    >>> mip.install("http://192.168.1.2:8000/bytecode/package.json")
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import build

VERSION = "1.0.0"
VARIANTS = {
    "source": None,
    "bytecode": None,
    "xtensa": "xtensa",
    "xtensawin": "xtensawin",
}


def write_variants(url: str, folder: Path) -> list[Path]:
    """Write every variant; return their package.json files."""
    return [
        write_variant(name, f"{url.rstrip('/')}/{name}", folder / name)
        for name in VARIANTS
    ]


def write_variant(name: str, url: str, folder: Path) -> Path:
    """Write the files and the package.json of one variant."""
    if name == "source":
        modules = [module for names in build.SETS.values() for module in names]
        for module in [*modules, build.VIPER, "port/sha1", "upins/fake"]:
            path = folder / f"{module}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(build.FIRMWARE / f"{module}.py", path)
    else:
        build.compile_sets(folder, list(build.SETS), VARIANTS[name])
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".mpy"})
    names = [path.relative_to(folder).as_posix() for path in files]
    package = {
        "version": VERSION,
        "urls": [[name, f"{url}/{name}"] for name in names],
        "deps": [],
    }
    path = folder / "package.json"
    path.write_text(json.dumps(package, indent=1) + "\n", encoding="utf-8")
    return path


def own_address() -> str:
    """Return the address by which the network reaches this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # No packet is sent.
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def serve(folder: Path, port: int) -> None:
    """Serve the folder until Ctrl-C."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(folder)
    )
    with http.server.ThreadingHTTPServer(("", port), handler) as server:
        server.serve_forever()


def main(arguments: list[str]) -> int:
    """Write the variants; serve them if asked to."""
    parser = argparse.ArgumentParser(description="Write what mip installs from.")
    parser.add_argument("folder", type=Path, nargs="?", help="where it goes")
    parser.add_argument("--url", help="where the folder will be")
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve it from here")
    options = parser.parse_args(arguments)
    if not options.serve and not (options.folder and options.url):
        parser.error("name a FOLDER and its --url, or pass --serve PORT")
    url = options.url or f"http://{own_address()}:{options.serve}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        for path in write_variants(url, folder):
            name = path.relative_to(folder).as_posix()
            print(f'mip.install("{url.rstrip("/")}/{name}")', flush=True)
        if options.serve:
            try:
                serve(folder, options.serve)
            except KeyboardInterrupt:
                print()
            except OSError as error:
                sys.exit(f"publish.py: port {options.serve}: {error.strerror}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
