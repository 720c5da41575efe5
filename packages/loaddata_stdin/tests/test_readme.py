from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.contrib.sites.models import Site

PACKAGE = Path(__file__).parents[1]
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
MANAGE = """\
import sys
import textwrap
sys.path.insert(0, {package!r})
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


@pytest.fixture
def project(tmp_path):
    """A folder with the manage.py of a project that has the test database."""
    program = tmp_path / "program.py"
    program.write_text(MANAGE.format(package=str(PACKAGE)))
    manage = tmp_path / "manage.py"
    # Its first line cannot name the interpreter: the path of that may hold spaces.
    manage.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
    manage.chmod(0o755)
    return tmp_path


def printed(command, folder, environment):
    """Return what a command of a shell prints, errors too."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


SESSIONS = [
    textwrap.dedent(session)
    for session in re.findall(r"(?s) *```console\n(.*?) *```", README)
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("session", SESSIONS)
def test_the_sessions_of_the_readme_print_what_they_show(project, environment, session):
    session = session.replace("shop.author", "testapp.author")
    session = session.replace("shop.book", "testapp.book").replace("shop_", "testapp_")
    [(name, content), *commands] = re.findall(
        r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE
    )
    (project / name.removeprefix("cat ")).write_text(content)

    for command, expected in commands:
        assert printed(command, project, environment) == expected

    if "sites.site" in session:
        assert Site.objects.get(pk=1).domain == "fieldkit.example"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", re.findall(r"(?m)^(.*dump\.json\.gz.*)$", README))
def test_a_compressed_dump_of_the_readme_is_loaded(project, environment, command):
    dump = json.dumps([{"model": "sites.site", "pk": 5, "fields": {"domain": "d"}}])
    (project / "dump.json.gz").write_bytes(gzip.compress(dump.encode()))

    output = printed(command, project, environment)

    assert output == "Installed 1 object(s) from 1 fixture(s)\n"


@pytest.mark.django_db
def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    [code] = [
        c for c in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "load(" in c
    ]
    site = {"model": "sites.site", "pk": 7, "fields": {"domain": "d"}}
    (tmp_path / "site-config.json").write_text(json.dumps(site))
    monkeypatch.chdir(tmp_path)

    names = {}
    exec(code, names)

    assert (names["report"].loaded, names["report"].is_end_certain) == (1, False)


@pytest.mark.django_db(transaction=True)
def test_the_dump_of_the_readme_goes_through_its_pipe(project, environment):
    Site.objects.get_or_create(pk=1)
    [command] = re.findall(r"(?m)^\./manage\.py dumpdata .*$", README)
    command = command.replace("ssh other ", "").replace("shop", "sites")

    output = printed(command, project, environment)

    assert output == "Installed 1 object(s) from 1 fixture(s)\n"
