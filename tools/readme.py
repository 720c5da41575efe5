"""Follow a README literally: in an empty folder, with a new virtual environment.

    python tools/readme.py packages/NAME/README.md

prints each step. What a block of code in a README means:

- `sh` and `console` hold commands, run by a shell. In `console` a command begins with
  `$ `, and what it prints must be what stands below it.
- Any other block whose first line is a comment with a path, such as
  `# mysite/settings.py`, is a file: created, or added to one that is there.
- `python` with `>>> ` is a session with the project's settings; its output must agree.
- Other `python` is run in the project. Blocks without a language are not followed, nor
  is the block after a line `<!-- not followed: WHY -->`.

In output `...` stands for anything, and so does each time (`0.6 s`) and port.
`pip` is `uv pip`, and the address of this repository is the built wheel.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = "https://git.fieldkit.example/fieldkit"
TIMEOUT_S = 120
_BLOCK = re.compile(
    r"^(?P<skip><!-- not followed: .+ -->\n+)?(?P<indent> *)```(?P<language>\w+)\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_PATH = re.compile(r"(?:#|//|<!--|\{#) (?P<path>[\w./-]+\.\w+)(?: -->| #\})?\n")
_COMMAND = re.compile(
    r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE
)
# Runs the sessions and programs of a README with the settings of its project.
_SESSION = """
import doctest, os, re, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
manage = Path("manage.py")
if manage.exists():
    [settings] = re.findall(r"MODULE['\\"], ['\\"]([\\w.]+)", manage.read_text())
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django
    django.setup()
text = sys.stdin.read()
if ">>> " not in text:
    exec(compile(text, "README", "exec"), {"__name__": "__main__"})
    sys.exit()
test = doctest.DocTestParser().get_doctest(text, {}, "README", "README", 0)
runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
sys.exit(bool(runner.run(test).failed))
"""


class NotFollowed(Exception):
    """A README does not work as it is printed; the text says where and how."""


@dataclass(frozen=True)
class Block:
    """A block of code in a README."""

    language: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that the block is, if its first line says so."""
        found = _PATH.match(self.text)
        return found["path"] if found else None

    def commands(self) -> Iterator[tuple[str, str | None]]:
        """Yield shell commands, each with the output shown; None if none is shown."""
        if self.language == "sh":
            yield self.text, None
        for found in _COMMAND.finditer(self.text) if self.language == "console" else ():
            yield found["command"], found["output"]


def blocks(text: str) -> list[Block]:
    """Return the blocks of a README that are to be followed, in order."""
    found = []
    for block in _BLOCK.finditer(text):
        if not block["skip"]:
            lines = block["text"].splitlines(keepends=True)
            width = len(block["indent"])
            found.append(
                Block(block["language"], "".join(line[width:] for line in lines))
            )
    return found


@dataclass(frozen=True)
class Place:
    """An empty folder, an empty virtual environment, and the wheel of a package.

    Args:
        folder: where the README is followed; its parent holds everything else.
        package: the folder of the package in this repository.
        environ: what the newcomer has, such as `DATABASE_URL`.
    """

    folder: Path
    package: Path
    environ: dict[str, str]

    def prepare(self) -> None:
        """Build the wheel, make the virtual environment and a `pip` for it."""
        above = self.folder.parent
        self.folder.mkdir()
        _uv("build", "--wheel", "--quiet", self.package, "--out-dir", above / "dist")
        _uv("venv", "--quiet", "--python", sys.executable, above / "venv")
        # What is tested here is tested there: the same versions, out of uv's cache.
        (above / "versions").write_text(
            _uv("pip", "freeze", "--exclude-editable", "--python", sys.executable)
        )
        pip = above / "venv" / "bin" / "pip"
        pip.write_text(
            f'#!/bin/sh\ncommand=$1; shift\nexec "{_UV}" pip "$command" --quiet'
            f' --constraint "{above / "versions"}" "$@"\n'
        )
        pip.chmod(0o755)

    def follow(self, block: Block) -> None:
        """Do what a block says.

        Raises:
            NotFollowed: it fails or prints something else.
        """
        if block.language in ("sh", "console"):
            for command, shown in block.commands():
                self._run_command(command, shown)
        elif block.path:
            file = self.folder / block.path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as stream:
                stream.write(block.text)
        elif block.language == "python":
            self._run(["python", "-c", _SESSION], block.text, stdin=block.text)

    def _run_command(self, command: str, shown: str | None) -> None:
        [wheel] = (self.folder.parent / "dist").glob("*.whl")
        address = f"git+{REPOSITORY}#subdirectory=packages/{self.package.name}"
        literal = command.replace(address, wheel.as_uri())
        printed = self._run(["sh", "-e", "-c", literal], command, fails=shown)
        if shown is not None and not agrees(printed, shown):
            message = f"$ {command}\nprinted\n{printed}\nbut the README shows\n{shown}"
            raise NotFollowed(message)

    def _run(
        self,
        command: list[str],
        source: str,
        *,
        stdin: str = "",
        fails: str | None = None,
    ) -> str:
        """Return what a command prints; one with an error in its output may fail."""
        scripts = self.folder.parent / "venv" / "bin"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **self.environ,
                "PATH": f"{scripts}{os.pathsep}{self.environ['PATH']}",
                "VIRTUAL_ENV": str(scripts.parent),
            },
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        if done.returncode and "Error: " not in (fails or ""):
            message = (
                f"{source}\nended with exit code {done.returncode}:\n{done.stdout}"
            )
            raise NotFollowed(message)
        return done.stdout


def agrees(printed: str, shown: str) -> bool:
    """Return whether output is what a README shows, apart from times and ports."""
    checker = doctest.OutputChecker()
    pair = (_without_figures(shown), _without_figures(printed))
    return checker.check_output(*pair, doctest.ELLIPSIS)


def _without_figures(text: str) -> str:
    text = re.sub(r" *\b\d+\.\d+ s\b", " N s", text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:N", text)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of somebody who has set up nothing of ours."""
    foreign = (
        "CI",
        "COV",
        "DATABASE",
        "DB_",
        "DJANGO",
        "ELASTIC",
        "PY",
        "TOX",
        "VIRTUAL",
    )
    ours = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return {**ours, "UV_LINK_MODE": "hardlink", **variables}


_UV = Path(sys.executable).with_name("uv")


def _uv(*arguments: str | Path) -> str:
    done = subprocess.run(
        [_UV, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def main(readme: Path) -> None:
    """Follow one README in a temporary folder, and print each step."""
    with tempfile.TemporaryDirectory(prefix="a newcomer's ") as above:
        place = Place(Path(above, "project"), readme.resolve().parent, environment())
        place.prepare()
        for block in blocks(readme.read_text(encoding="utf-8")):
            print(f"--- {block.language} {block.path or ''}\n{block.text}", flush=True)
            place.follow(block)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
