"""A project in a folder, as a user has one."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path


class Project:
    """A folder with settings and apps; its commands run in a process of their own."""

    def __init__(self, path, url, zygote):
        self.path, self.url, self.zygote = path, url, zygote

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, name, old, new):
        text = (self.path / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, *commands, url=None, fails=False):
        """Run commands one after the other in a new process; return the output."""
        output = self.path / "output.txt"
        job = {
            "commands": commands,
            "environ": {
                "DATABASE_URL": url or self.url,
                "DJANGO_SETTINGS_MODULE": "settings",
            },
            "output": str(output),
            "path": str(self.path),
        }
        print(json.dumps(job), file=self.zygote.stdin, flush=True)
        code = int(self.zygote.stdout.readline())
        said = output.read_text("utf-8")
        assert bool(code) == fails, said
        return said


@contextmanager
def zygote_process():
    """Yield a process that runs the commands of projects in forks of itself."""
    command = [
        sys.executable,
        "-B",
        "-W",
        "error",
        Path(__file__).with_name("zygote.py"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()
