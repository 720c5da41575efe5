"""Django's own tests of loaddata, from its source distribution, pass with this command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import django
import pytest

from .django_suite.tested import TESTED_APPS

PACKAGE = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def suite(request):
    """The tests folder of the installed Django, downloaded once."""
    version = django.get_version()
    folder = request.config.cache.mkdir("django") / f"django-{version}"
    if not folder.exists():
        _download(version, folder)
    return folder / "tests"


def _download(version, folder):
    program = [sys.executable, "-m", "pip"]
    if subprocess.run([*program, "--version"], capture_output=True).returncode:
        program = [shutil.which("pip") or "pip"]
    try:
        subprocess.run(
            [
                *(*program, "download", "-q", "--no-deps", "--no-binary=:all:"),
                *(f"--dest={folder.parent}", f"django=={version}"),
            ],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the source of Django {version} cannot be downloaded: {error}")
    [archive] = folder.parent.glob(f"[Dd]jango-{version}.tar.gz")
    with tarfile.open(archive) as tar:
        tests = [m for m in tar.getmembers() if f"{version}/tests/" in m.name]
        tar.extractall(folder.parent, tests, filter="data")
    archive.unlink()
    for extracted in folder.parent.glob(f"[Dd]jango-{version}"):
        if extracted != folder:
            extracted.rename(folder)


@pytest.mark.parametrize("way", ["file", "pipe"])
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_the_tests_of_django_pass(suite, database, way):
    done = subprocess.run(
        [sys.executable, "-m", "django", "test", "-v0", "--noinput", *TESTED_APPS],
        cwd=suite,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.django_suite.settings",
            "FIELDKIT_SUITE_DATABASE": database,
            "FIELDKIT_SUITE_WAY": way,
            "PYTHONPATH": os.pathsep.join([str(PACKAGE), str(suite)]),
        },
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    run, piped = map(int, re.findall(r"(\d+) (?:run|fixtures piped)", done.stdout))
    assert run > 250
    assert piped > 80 if way == "pipe" else piped == 0
