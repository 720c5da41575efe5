"""The README works as printed; only the address is a test's."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot

from redmine_analytics.report.cli import main
from redmine_analytics.report.options import ReportOptions

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
REFERENCE = Path(__file__).parents[1] / "docs" / "reference.md"
ADDRESS = "https://redmine.example.com"


@pytest.fixture
def printed(fake, tmp_path, monkeypatch):
    """The README beside the Redmine that it speaks of."""
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDMINE_API_KEY", fake.key)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return README.replace(ADDRESS, fake.url)


def blocks(language, text):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in found if name == language]


def assert_agrees(found, shown):
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(shown, found, options), found


def test_the_code_and_the_commands_give_what_is_printed(printed, capsys):
    *programs, setting = blocks("python", printed)
    outputs = blocks("", printed)
    namespace = {}
    for program, shown in zip(programs, outputs, strict=True):
        exec(program, namespace)
        assert_agrees(capsys.readouterr().out, shown)
    pyplot.close("all")
    exec(setting, namespace)
    assert ReportOptions.of(namespace["REDMINE_ANALYTICS"]).project == "devops"

    [session] = blocks("console", printed)
    for command, shown in re.findall(
        r"^\$ redmine_report (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE
    ):
        assert main(shlex.split(command)) == 0
        assert_agrees(capsys.readouterr().out, shown)


def test_the_reference_names_every_option_and_every_public_name():
    import redmine_analytics as ra

    text = REFERENCE.read_text(encoding="utf-8") + README

    for name in ReportOptions.__dataclass_fields__:
        assert f"`{name.upper()}`" in text, name
    for name in ra.__all__:
        assert name in text, name
