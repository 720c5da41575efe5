"""Whatever a new machine fetches before uv.lock counts is pinned by version and digest."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
COMMIT = r"[0-9a-f]{40}"


def test_the_uv_that_makes_the_environment_is_that_of_the_lock():
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    (uv,) = (package for package in lock["package"] if package["name"] == "uv")
    text = (ROOT / "tools" / "uv.txt").read_text()

    assert f"uv=={uv['version']} " in text
    digests = {file["hash"] for file in (uv["sdist"], *uv["wheels"])}
    assert set(re.findall(r"--hash=(\S+)", text)) == digests


def test_make_installs_nothing_without_a_digest():
    installs = re.findall(
        r"pip install(?:[^\n]*\\\n)*[^\n]*", (ROOT / "Makefile").read_text()
    )

    assert installs
    assert all("--require-hashes" in line for line in installs)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        (".pre-commit-config.yaml", rf"rev: (?!{COMMIT}\b).*"),
        (".github/workflows/ci.yml", rf"uses: (?![\w./-]+@{COMMIT}\b).*"),
    ],
)
def test_what_others_publish_is_named_by_its_commit(name, pattern):
    text = (ROOT / name).read_text()

    assert re.findall(pattern, text) == []
