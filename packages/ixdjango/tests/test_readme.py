from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
MANAGE = """\
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
REST_OF_THE_SETTINGS = """
import os
from ixdjango.environment import database_settings
DATABASES = database_settings(os.environ)
SECRET_KEY = "for the tests only"
"""


@pytest.fixture
def project(tmp_path):
    """A project with the settings of the README."""
    [settings] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "settings.py").write_text(settings + REST_OF_THE_SETTINGS)
    (tmp_path / "manage.py").write_text(MANAGE)
    return tmp_path


def without_times(text):
    return re.sub(r"\d+\.\d\d s", "N s", text)


def test_a_deploy_prints_what_the_readme_shows(project):
    [(command, shown)] = re.findall(
        r"```console\n\$ (\./manage\.py deploy)\n(.*?)```", README, re.DOTALL
    )

    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=project,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert without_times(done.stdout) == without_times(shown)
    assert done.returncode == 0
