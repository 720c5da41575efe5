"""MicroPython for the tests: found on PATH, or unpacked from Debian's packages.

    python tools/runtimes.py        # fetch what lacks, name what there is

The packages are downloaded and verified by apt-get, and unpacked into a folder, with
the libc that they need: nothing is installed, the machine's own architecture and release
do not matter. The folder is kept: `.runtimes` beside this file's, or FIRMWARE_RUNTIMES.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("FIRMWARE_RUNTIMES") or FIRMWARE / ".runtimes")
PACKAGES = ["micropython", "libc6", "libffi8"]
PACKAGES += ["libmbedtls21", "libmbedcrypto16", "libmbedx509-7"]
# Debian's releases that have MicroPython 1.23 or later, and the word sizes to test.
BUILDS = [
    ("trixie", "amd64"),
    ("trixie", "i386"),
    ("sid", "amd64"),
    ("sid", "i386"),
]
# MicroPython compiled to WebAssembly, of npm: the oldest version that is supported, too.
WEBASSEMBLY = "@micropython/micropython-webassembly-pyscript"
WEBASSEMBLY_VERSIONS = ["1.23.0", "1.24.1", "1.27.0"]
NPM_PACKAGES = {"socket.io": "4.8.4"}
AUTOBAHN = "autobahntestsuite==25.10.1"
STUBS = "micropython-esp8266-stubs==1.29.0.post1"
ATTEMPTS = 3
TIMEOUT_S = 60


@dataclass(frozen=True)
class Runtime:
    """A MicroPython, or CPython, that tests can run programs with."""

    name: str
    command: tuple[str, ...]
    bits: int = 64
    has_sockets: bool = True

    @property
    def is_cpython(self) -> bool:
        """Return whether this is CPython."""
        return self.name == "cpython"


def cpython() -> Runtime:
    """Return the Python that runs this."""
    return Runtime("cpython", (sys.executable, "-B"))


def find_runtimes() -> list[Runtime]:
    """Return every MicroPython with sockets: that on PATH, and Debian's builds."""
    found = []
    for name in ("micropython", "micropython32"):
        path = shutil.which(name)
        if path:
            found.append(_describe((path,)))
    for folder in _unpacked():
        command = _command(folder)
        if command:
            found.append(_describe(command))
    unique: dict[str, Runtime] = {}
    for runtime in found:
        unique.setdefault(runtime.name, runtime)
    return list(unique.values())


def find_webassembly() -> list[Runtime]:
    """Return the WebAssembly builds, which run on Node and have no sockets."""
    node = shutil.which("node")
    if not node:
        return []
    runtimes = []
    for version in WEBASSEMBLY_VERSIONS:
        script = CACHE / f"wasm-{version}" / "node_modules" / WEBASSEMBLY
        script /= "micropython.mjs"
        if script.exists():
            name = f"wasm-{version}"
            runtimes.append(Runtime(name, (node, str(script)), 32, has_sockets=False))
    return runtimes


def fetch() -> list[str]:
    """Fetch what is missing; return a line for each thing that could not be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    jobs: list[tuple[Callable[..., str | None], tuple[str, ...]]]
    jobs = [(_fetch_build, build) for build in BUILDS]
    jobs += [(_fetch_webassembly, (version,)) for version in WEBASSEMBLY_VERSIONS]
    jobs += [(_fetch_npm, item) for item in NPM_PACKAGES.items()]
    jobs += [(_fetch_autobahn, ()), (_fetch_stubs, ())]
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(job, *arguments) for job, arguments in jobs]
    return [line for line in (future.result() for future in waiting) if line]


def _unpacked() -> list[Path]:
    return [CACHE / f"{release}-{arch}" / "root" for release, arch in BUILDS]


def _command(root: Path) -> tuple[str, ...] | None:
    loaders = sorted(root.glob("usr/lib/*-linux-gnu/ld-linux*.so.2"))
    program = root / "usr/bin/micropython"
    if not loaders or not program.exists():
        return None
    libraries = loaders[0].parent
    return (str(loaders[0]), "--library-path", str(libraries), str(program))


def _describe(command: tuple[str, ...]) -> Runtime:
    program = "import sys; v = sys.implementation.version\n"
    program += "print('%d.%d.%d' % v[:3], 64 if sys.maxsize > 2**31 else 32)"
    done = subprocess.run(
        [*command, "-c", program], capture_output=True, text=True, check=True
    )
    version, bits = done.stdout.split()
    return Runtime(f"micropython-{version}-{bits}bit", command, int(bits))


def _fetch_build(release: str, arch: str) -> str | None:
    folder = CACHE / f"{release}-{arch}"
    if _command(folder / "root"):
        return None
    if not shutil.which("apt-get"):
        return f"MicroPython of Debian {release} for {arch}: there is no apt-get"
    mirror = _mirror()
    if not mirror:
        return f"MicroPython of Debian {release}: set DEBIAN_MIRROR to its archive"
    problem = ""
    for _ in range(ATTEMPTS):  # An index sometimes arrives in the wrong size.
        shutil.rmtree(folder, ignore_errors=True)
        problem = _unpack(folder, mirror, release, arch)
        if not problem:
            return None
    shutil.rmtree(folder, ignore_errors=True)
    return f"MicroPython of Debian {release} for {arch}: {problem}"


def _mirror() -> str | None:
    """Return the Debian archive that this machine uses."""
    if os.environ.get("DEBIAN_MIRROR"):
        return os.environ["DEBIAN_MIRROR"]
    fields = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(COMPONENT)"
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", fields],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        origin, _, uri, component = line.split("|")
        if origin == "Debian" and component == "main" and "security" not in uri:
            return uri
    return _mirror_in_sources()


def _mirror_in_sources() -> str | None:
    # Before the first `apt-get update` apt knows no origin.
    sources = [Path("/etc/apt/sources.list")]
    sources += sorted(Path("/etc/apt/sources.list.d").glob("debian*"))
    for path in sources:
        text = path.read_text() if path.exists() else ""
        for uri in re.findall(
            r"^(?:URIs:|deb)\s.*?(https?://\S+/debian)/?(?=\s)", text, re.MULTILINE
        ):
            return str(uri)
    return None


def _unpack(folder: Path, mirror: str, release: str, arch: str) -> str:
    """Download and unpack into the folder; return the last line of an error."""
    for name in ("lists/partial", "cache/archives/partial", "packages", "root"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb {mirror} {release} main\n")
    options = {
        "APT::Architecture": arch,
        "APT::Architectures": arch,
        "APT::Sandbox::User": "",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::Languages": "none",
        "Dir::Cache": str(folder / "cache"),
        "Dir::Etc::SourceList": str(folder / "sources.list"),
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": str(folder / "lists"),
        "Dir::State::status": str(folder / "status"),
    }
    apt = ["apt-get", "-qq"]
    for name, value in options.items():
        apt += ["-o", f"{name}={value}"]
    for command in ([*apt, "update"], [*apt, "download", *PACKAGES]):
        problem = _run(command, folder / "packages")
        if problem:
            return problem
    for package in sorted((folder / "packages").glob("*.deb")):
        problem = _run(["dpkg-deb", "-x", str(package), str(folder / "root")], folder)
        if problem:
            return problem
    for name in ("lists", "cache", "packages"):
        shutil.rmtree(folder / name)
    for name in ("share", "sbin", "lib/locale"):
        shutil.rmtree(folder / "root/usr" / name, ignore_errors=True)
    return "" if _command(folder / "root") else "it holds no program"


def _run(command: list[str], folder: Path) -> str:
    """Run a command that uses the network; return the last line of its error."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} took more than {TIMEOUT_S} s"
    if not done.returncode:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"{command[0]} failed"


def _run_again(command: list[str], folder: Path) -> str:
    """Run it until it succeeds, a few times at most: networks stall."""
    problem = ""
    for _ in range(ATTEMPTS):
        problem = _run(command, folder)
        if not problem:
            break
    return problem


def _fetch_npm_package(folder: Path, package: str, version: str) -> str | None:
    if (folder / "node_modules" / package / "package.json").exists():
        return None
    if not shutil.which("npm"):
        return f"npm's {package}: there is no npm"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save"]
    command += ["--prefix", str(folder), f"{package}@{version}"]
    problem = _run_again(command, folder)
    return f"npm's {package}: {problem}" if problem else None


def _fetch_webassembly(version: str) -> str | None:
    return _fetch_npm_package(CACHE / f"wasm-{version}", WEBASSEMBLY, version)


def _fetch_npm(package: str, version: str) -> str | None:
    return _fetch_npm_package(CACHE / "npm", package, version)


def _fetch_autobahn() -> str | None:
    """Fetch the definitions of Autobahn's cases; they are loaded, never installed."""
    if list(CACHE.glob("autobahn/autobahntestsuite-*")):
        return None
    folder = CACHE / "autobahn"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", "autobahntestsuite", AUTOBAHN]
    problem = _run_again(command, folder)
    if problem:
        return f"Autobahn's cases: {problem}"
    for archive in folder.glob("*.tar.gz"):
        shutil.unpack_archive(archive, folder)
        archive.unlink()
    return None


def _fetch_stubs() -> str | None:
    """Fetch the types of the ESP8266's modules; installed, they would hide CPython's."""
    folder = CACHE / "stubs"
    if folder.exists():
        return None
    part = CACHE / "stubs.part"
    shutil.rmtree(part, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(part)]
    problem = _run_again([*command, STUBS], CACHE)
    if problem:
        return f"the ESP8266's stubs: {problem}"
    part.rename(folder)
    return None


def main() -> int:
    """Fetch everything and name it."""
    problems = fetch()
    for runtime in [*find_runtimes(), *find_webassembly()]:
        print(runtime.name)
    for problem in problems:
        print(f"missing: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
