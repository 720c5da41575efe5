from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.sites.models import Site

PACKAGE = Path(__file__).parents[1]
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
MANAGE = """\
import sys
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


@pytest.mark.django_db(transaction=True)
def test_the_session_of_the_readme_prints_what_it_shows(project, environment):
    [session] = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    [(_, config), *commands] = re.findall(
        r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE
    )
    (project / "site-config.yaml").write_text(config)

    for command, expected in commands:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.stdout == expected

    assert Site.objects.get(pk=1).domain == "fieldkit.example"


@pytest.mark.django_db(transaction=True)
def test_the_dump_of_the_readme_goes_through_its_pipe(project, environment):
    Site.objects.get_or_create(pk=1)
    [command] = re.findall(r"(?m)^\./manage\.py dumpdata .*$", README)
    command = command.replace("ssh other ", "").replace("shop", "sites")

    done = subprocess.run(
        ["sh", "-c", command],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert done.stdout == "Installed 1 object(s) from 1 fixture(s)\n"
