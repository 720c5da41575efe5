"""Nothing on the device needs what an ESP8266 lacks."""

from __future__ import annotations

import subprocess
import sys

import gate
import pytest
import runtimes
from conftest import FIRMWARE

REFUSED = {
    "from __future__ import annotations": "module '__future__' is not there",
    "import typing": "module 'typing' is not there",
    "import logging": "module 'logging' is not there",
    "import os.path, functools": "module 'functools' is not there",
    "from random import randint": "random.randint is not there",
    "random.choice('ab')": ".choice is not there",
    "'a:b'.partition(':')": ".partition is not there",
    "'a'.center(3)": ".center is not there",
    "'a'.splitlines()": ".splitlines is not there",
    "binascii.crc32(b'')": ".crc32 is not there",
    "hashlib.md5()": ".md5 is not there",
    "slice(1).indices(2)": ".indices is not there",
    "pow(1, 2, 3)": "pow with three arguments",
    "x = 1j": "a complex number",
    "x = f'{y}'": "an f-string, which allocates",
    "x = a @ b": "the operator @",
    "compile('', '', 'exec')": "compile is switched off",
    "print(__file__)": "__file__ is switched off",
    "def f(a, /): pass": "positional-only parameters",
    "def __setattr__(self, n, v): pass": "__setattr__ is never called",
    "async def f():\n    yield 1": "an asynchronous generator",
    "async def f():\n    [x async for x in y]": "an asynchronous comprehension",
    "match x:\n    case 1: pass": "match",
    "x = NotImplemented": "NotImplemented is switched off",
}
TYPES = """
[mypy]
custom_typeshed_dir = {stubs}
mypy_path = {stubs}:{firmware}
check_untyped_defs = true
implicit_optional = true
# MicroPython's stubs have types for ticks that nothing can be converted to, and the
# attributes of a connection that is not open are None.
disable_error_code = assignment, has-type, misc, no-redef, override, type-var, union-attr, var-annotated
[mypy-_mpy_shed.*,machine,vfs]
ignore_errors = true
[mypy-port.desktop,port.desktop_aio]
ignore_errors = true
"""


@pytest.mark.parametrize("source", REFUSED)
def test_a_feature_that_the_chip_lacks_is_refused(source):
    text = REFUSED[source]

    problems = gate.find_problems(source, "x.py")

    expected = [f"x.py:{1 + source.count(chr(10)) * ('    [' in source)}: {text}"]
    assert problems == (expected if text else [])


def test_what_goes_onto_a_device_passes(capsys):
    assert gate.main([]) == 0
    assert "can run on an ESP8266" in capsys.readouterr().out


def test_a_refused_file_ends_with_an_error(tmp_path, capsys):
    path = tmp_path / "bad.py"
    path.write_text("import typing\n")

    assert gate.main([str(path)]) == 1
    assert "bad.py:1: module 'typing' is not there" in capsys.readouterr().out


def check_types(folder, *arguments):
    configuration = folder / "mypy.ini"
    stubs = runtimes.CACHE / "stubs"
    configuration.write_text(TYPES.format(stubs=stubs, firmware=FIRMWARE))
    command = [sys.executable, "-m", "mypy", "--config-file", str(configuration)]
    command += ["--cache-dir", str(folder / "cache"), *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_types_of_the_esp8266s_modules_are_used_rightly(tmp_path):
    packages = ["port", "uwebsockets", "usocketio", "upins"]

    done = check_types(tmp_path, *[f"-p{name}" for name in packages])

    assert done.returncode == 0, done.stdout


def test_the_types_find_what_the_chip_lacks(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("import random\nrandom.randint(1, 2)\n")

    done = check_types(tmp_path, str(path))

    assert 'has no attribute "randint"' in done.stdout
