"""Run Django's own tests of loaddata, from its source distribution, in the background."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import product
from pathlib import Path

import django

from .tested import TESTED_APPS

PACKAGE = Path(__file__).parents[2]
DATABASES = ["postgresql", "sqlite"]
WAYS = ["file", "pipe"]


def started(executor: ThreadPoolExecutor, cache: Path) -> dict[tuple[str, str], Future]:
    """Return what each run will end with, by its database and way.

    Args:
        executor: runs them.
        cache: the folder that keeps the source distribution.
    """
    suite = executor.submit(_suite, cache)
    cases = product(DATABASES, WAYS)
    return {case: executor.submit(_run, suite, *case) for case in cases}


def _suite(cache: Path) -> Path:
    """Return the tests folder of the installed Django, downloaded once."""
    version = django.get_version()
    folder = cache / f"django-{version}"
    if not folder.exists():
        _download(version, folder)
    return folder / "tests"


def _download(version: str, folder: Path) -> None:
    program = [sys.executable, "-m", "pip"]
    if subprocess.run([*program, "--version"], capture_output=True).returncode:
        program = [shutil.which("pip") or "pip"]
    subprocess.run(
        [
            *(*program, "download", "-q", "--no-deps", "--no-binary=:all:"),
            *(f"--dest={folder.parent}", f"django=={version}"),
        ],
        check=True,
        capture_output=True,
    )
    [archive] = folder.parent.glob(f"[Dd]jango-{version}.tar.gz")
    with tarfile.open(archive) as tar:
        tests = [m for m in tar.getmembers() if f"{version}/tests/" in m.name]
        tar.extractall(folder.parent, tests, filter="data")
    archive.unlink()
    for extracted in folder.parent.glob(f"[Dd]jango-{version}"):
        if extracted != folder:
            extracted.rename(folder)


def _run(
    suite: Future[Path], database: str, way: str
) -> subprocess.CompletedProcess[str]:
    folder = suite.result()
    return subprocess.run(
        [sys.executable, "-m", "django", "test", "-v0", "--noinput", *TESTED_APPS],
        cwd=folder,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.django_suite.settings",
            "FIELDKIT_SUITE_DATABASE": database,
            "FIELDKIT_SUITE_WAY": way,
            "PYTHONPATH": os.pathsep.join([str(PACKAGE), str(folder)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
