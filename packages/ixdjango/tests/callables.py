"""Callables that the steps of the tests name by their dotted path."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

calls: list[Any] = []

NOT_CALLABLE = 1


def record(*arguments, **options):
    calls.append((arguments, options))


def read_standard_input():
    calls.append((sys.stdin.read(), sys.stdin.buffer is not None))


def fail():
    message = "cannot reach postgres://u:s3cret@h/d\nat all"
    raise RuntimeError(message)


def call_a_program_that_fails():
    code = "raise SystemExit(4)"
    subprocess.run([sys.executable, "-c", code, "--key", "s3cret"], check=True)


def interrupt():
    raise KeyboardInterrupt


def exit_with(code):
    sys.exit(code)
