from __future__ import annotations

import os
import subprocess

import pytest

from ixdjango.revisions import VARIABLES, revision_of


@pytest.fixture
def repository(tmp_path):
    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        ran = subprocess.run(
            ["git", *identity, *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        )
        return ran.stdout.strip()

    git("init", "-q")
    (tmp_path / "a").write_text("a")
    git("add", "a")
    git("commit", "-qm", "a")
    return tmp_path, git


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_of_the_platform_comes_first(repository, name):
    assert revision_of({name: "abc"}, repository[0]) == "abc"


def test_then_a_file_that_the_image_was_built_with(tmp_path):
    (tmp_path / "REVISION").write_text("abc built on Monday\n")

    assert revision_of({}, tmp_path) == "abc"


def test_then_the_commit_unless_a_file_was_changed(repository):
    folder, git = repository
    assert revision_of({}, folder) == git("rev-parse", "HEAD")

    (folder / "a").write_text("b")
    assert revision_of({}, folder) is None


def test_without_a_repository_or_git_nothing_is_known(tmp_path, monkeypatch):
    assert revision_of({"GIT_COMMIT": " "}, tmp_path) is None
    monkeypatch.setenv("PATH", "/nowhere")
    assert revision_of({}, tmp_path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_another_owner_tells_nothing(repository, monkeypatch):
    folder, _ = repository
    monkeypatch.setenv("HOME", "/nowhere")
    os.chown(folder, 65534, 65534)
    os.chown(folder / ".git", 65534, 65534)

    assert revision_of({}, folder) is None
