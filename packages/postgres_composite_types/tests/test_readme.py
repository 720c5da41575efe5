from __future__ import annotations

import doctest
import re
import subprocess
import sys

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.shop import models

README = models.README
REFERENCE = README.parent / "docs" / "reference.md"
PARSER = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)
SETTINGS = """
import dj_database_url, os
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.postgres", "postgres_composite_types", "shop"]
"""
MANAGE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
import sys
execute_from_command_line(sys.argv)
"""


@pytest.mark.django_db
@pytest.mark.parametrize("document", [README, REFERENCE], ids=lambda path: path.stem)
def test_the_examples_run_one_after_the_other(document):
    parsed = Sybil([PARSER]).parse(document)
    parsed.namespace.update(vars(models))

    # The first one made the models already.
    for example in [each for each in parsed.examples() if each.parsed != models.SOURCE]:
        example.evaluate()


def test_makemigrations_prints_what_the_readme_shows(tmp_path):
    [session] = re.findall(
        r"```console\n(.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    command, _, expected = session.partition("\n")
    for name, text in {
        "manage.py": MANAGE,
        "settings.py": SETTINGS,
        "shop/__init__.py": "",
        "shop/models.py": models.SOURCE,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    done = subprocess.run(
        [sys.executable, *command.removeprefix("$ python ").split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.stdout == expected
