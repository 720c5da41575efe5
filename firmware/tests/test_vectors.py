"""The same vectors on CPython and on every MicroPython."""

from __future__ import annotations

import re
from pathlib import Path

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("device/vectors_*"))


def test_vectors(any_runtime, program):
    output = program.run(any_runtime, f"import run\nrun.main({MODULES})\n")

    last = output.strip().splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last), output
