"""The README works as printed; only its port and host names are a test's."""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ca_bundle.cli import main

from .pki import NOW, issue
from .servers import serving

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PORT = "8443"
UNTIL = datetime(2036, 1, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def printed(files, authorities):
    """The README, in the folder and beside the server that it speaks of."""
    _, intermediate = authorities
    leaf = issue("localhost", intermediate, end=UNTIL - NOW)
    with serving(leaf) as port:
        yield README.replace(PORT, str(port))


def blocks(language, text):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_commands_and_the_code_give_what_is_printed(printed, capsys):
    for block in blocks("console", printed):
        for command, expected in re.findall(
            r"^\$ ca_bundle (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE
        ):
            main(shlex.split(command))
            pattern = re.escape(expected).replace(re.escape("...\n"), "(?s:.*)")
            assert re.fullmatch(pattern, capsys.readouterr().out), command

    namespace = {"BASE_DIR": Path()}
    first, second, settings, last = blocks("python", printed)
    exec(first, namespace)
    assert capsys.readouterr().out in blocks("", printed)
    exec(second, namespace)
    exec(settings, namespace)
    exec(last, namespace)
    assert namespace["CA_BUNDLES"]
