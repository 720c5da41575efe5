"""The documentation agrees with the code, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from readme import REPOSITORY

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
FILES = f"{REPOSITORY}/blob/main/"
PACKAGES = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    if name
)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def ids(paths):
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids(DOCUMENTS))
def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {
        re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in headings
    }

    for target in re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", text):
        target = "".join(target)
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif target.startswith(FILES):
            path = target.removeprefix(FILES).partition("#")[0]
            assert (ROOT / path).exists(), target
        elif "://" not in target:
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("package", PACKAGES, ids=ids(PACKAGES))
def test_a_package_has_all_its_rooms(package):
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    source = package / "src" / package.name

    assert project["name"] == f"fieldkit-{package.name.replace('_', '-')}"
    for path in [
        package / "README.md",
        package / "LICENSE",
        source / "py.typed",
        source / "exceptions.py",
    ]:
        assert path.exists(), path
    if any(name.startswith("django") for name in project["dependencies"]):
        assert (package / "tests" / "settings.py").exists()
    assert "## Unreleased" in (package / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("package", PACKAGES, ids=ids(PACKAGES))
def test_a_readme_works_on_the_package_index_and_before(package):
    text = (package / "README.md").read_text(encoding="utf-8")
    address = f"git+{REPOSITORY}#subdirectory=packages/{package.name}"

    # The index shows the README without the files beside it.
    assert re.findall(r"\]\((?!https://|#)[^)]*\)", text) == []
    assert f"@ {address}" in text
    assert not re.search(r"pip install '?fieldkit-", text)


@pytest.mark.parametrize("package", PACKAGES, ids=ids(PACKAGES))
def test_the_metadata_of_a_package_say_what_it_runs_on_and_where_it_is(package):
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    folder = f"packages/{package.name}"
    supported = {
        *(f"Programming Language :: Python :: 3.{v}" for v in range(10, 15)),
        *(f"Framework :: Django :: {v}" for v in ("5.2", "6.0", "6.1")),
    }
    if "Wagtail" in (package / "README.md").read_text(encoding="utf-8"):
        supported |= {f"Framework :: Wagtail :: {version}" for version in (7, 8)}

    if any(name.startswith("django") for name in project["dependencies"]):
        assert supported <= {*project["classifiers"]}
    assert project["authors"] == [{"name": "The Fieldkit contributors"}]
    assert project["keywords"]
    assert project["urls"]["Changelog"] == f"{FILES}{folder}/CHANGELOG.md"
    assert project["urls"]["Source"] == f"{REPOSITORY}/tree/main/{folder}"
    assert project["urls"]["Issues"] == f"{REPOSITORY}/issues"
    assert project["urls"]["Documentation"].startswith(f"{FILES}{folder}/")


@pytest.mark.parametrize("package", PACKAGES, ids=ids(PACKAGES))
def test_a_changelog_is_kept_in_one_style(package):
    text = (package / "CHANGELOG.md").read_text(encoding="utf-8")
    kinds = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")

    assert text.startswith(
        "# Changelog\n\nThe format is that of"
        " [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).\n\n## Unreleased\n"
    )
    assert {*re.findall(r"^### (.*)$", text, re.MULTILINE)} <= {*kinds}


@pytest.mark.parametrize("package", PACKAGES, ids=ids(PACKAGES))
def test_a_package_is_named_wherever_it_must_be(package):
    name, distribution = package.name, f"fieldkit-{package.name.replace('_', '-')}"
    root = tomllib.loads(read("pyproject.toml"))
    tox = read("tox.ini")

    assert f"[{name}](packages/{name}/README.md)" in read("README.md")
    assert distribution in root["tool"]["uv"]["sources"]
    assert any(
        line.startswith(distribution) for line in root["project"]["dependencies"]
    )
    assert name in root["tool"]["ruff"]["lint"]["isort"]["known-first-party"]
    assert f"--editable packages/{name}" in tox
    assert f"[testenv:.pkg-{name}]" in tox
    assert re.search(rf"^\[testenv:alone-{{.*\b{name}\b.*}}\]$", tox, re.MULTILINE)


def test_the_support_matrix_is_the_one_that_tox_runs():
    rows = re.findall(r"^    py(\S+)-dj(\S+)-wt(\S+)-pg", read("tox.ini"), re.MULTILINE)

    for row in rows:
        cells = (
            ", ".join(f"{v[0]}.{v[1:]}" for v in versions(factor)) for factor in row
        )
        assert f"| {' | '.join(cells)} |" in read("README.md")
    assert rows


def versions(factor):
    """Return what a factor stands for: `3{10,11}` is 310 and 311."""
    head, brace, tail = factor.partition("{")
    return [head + end for end in tail.rstrip("}").split(",")] if brace else [factor]


def test_every_make_target_is_explained():
    targets = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)

    for target in {*targets} - {"help"}:
        assert f"make {target}" in read("README.md")
