"""Folders that another user planted: their owner is an account of the attacker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import our_account
from dev_services.machine.ownership import write_file
from dev_services.machine.places import Places

STRANGER = 54321
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root plants files")
POSTGRESQL = ("run", "--services", "postgresql", "--")


def give(path):
    os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


def plant_repository_above(folder):
    folder.parent.joinpath(".git").mkdir(exist_ok=True)
    give(folder.parent / ".git")


def plant_folder_of_services(folder):
    folder.joinpath(".services").mkdir()
    give(folder / ".services")


def plant_link_to_services(folder):
    folder.joinpath(".services").mkdir()
    folder.joinpath(".services", ".gitignore").symlink_to("/etc/hostname")
    give(folder / ".services" / ".gitignore")


def plant_pointer(folder):
    folder.joinpath(".services").mkdir()
    folder.joinpath(".services", "kept-in").write_text("/var/lib/fieldkit/other")
    give(folder / ".services" / "kept-in")


def leave_folder_open(folder):
    folder.joinpath(".services").mkdir()
    folder.joinpath(".services").chmod(0o777)


def give_folder(folder):
    give(folder)


def give_parent_of_clone(folder):
    folder.joinpath(".git").mkdir()
    give(folder.parent)


PLANTS = [
    plant_repository_above,
    plant_folder_of_services,
    plant_link_to_services,
    plant_pointer,
    leave_folder_open,
    give_folder,
    give_parent_of_clone,
]


@pytest.fixture
def inner(plot, command_line):
    """A folder of ours in one that others share; the command line runs there."""
    folder = plot / "ours"
    folder.mkdir()
    command_line.folder = folder
    return folder


@pytest.mark.parametrize("plant", PLANTS)
def test_what_a_stranger_planted_is_refused_in_one_line(inner, command_line, plant):
    plant(inner)
    before = sorted(inner.parent.rglob("*"))

    ended = command_line(*POSTGRESQL, "echo", "run")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: /")
    assert ended.stderr.count("\n") == 1
    assert "chown" in ended.stderr or "chmod" in ended.stderr
    assert sorted(inner.parent.rglob("*")) == before


def test_nothing_planted_is_looked_at_by_explain(inner, command_line):
    plant_folder_of_services(inner)

    ended = command_line("explain")

    assert ended.returncode == 1
    assert f"belongs to uid {STRANGER}" in ended.stderr


def test_a_repository_of_a_stranger_does_not_matter_for_a_chosen_folder(inner):
    plant_repository_above(inner)

    places = Places.of(our_account(), inner / "state", inner)

    places.prepare()
    assert places.pointer == inner / "state"


def test_services_that_are_elsewhere_need_no_folder(inner, command_line, server):
    plant_repository_above(inner)
    command_line.environ["DATABASE_URL"] = server.url()

    assert command_line(*POSTGRESQL, "echo", "run").stdout == "run\n"


def test_planted_programs_are_not_run(plot):
    """An ordinary user keeps programs in the clone, too."""
    code = """
import os, pwd, sys
from pathlib import Path
from dev_services.machine.accounts import Account
from dev_services.machine.places import Places
os.setgid(12345), os.setuid(12345)  # Its Python may be in root's home.
account = Account("somebody", is_roots=False)
Places.of(account, Path(sys.argv[1]), Path("/")).prepare_binaries()
"""
    pointer = plot / ".services"
    planted = pointer / "bin" / "elasticsearch-9"
    planted.mkdir(parents=True)
    for path in (plot, pointer, planted.parent):
        os.chown(path, 12345, 12345)
    give(planted)

    ended = subprocess.run(
        [sys.executable, "-c", code, pointer],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )

    assert ended.stderr.count(f"{planted} belongs to uid {STRANGER}") == 1


def test_a_file_is_not_written_through_a_link(tmp_path):
    target = tmp_path / "target"
    target.write_text("whole")
    tmp_path.joinpath("link").symlink_to(target)

    with pytest.raises(OSError, match="symbolic link"):
        write_file(tmp_path / "link", "broken")

    assert target.read_text() == "whole"


def test_our_own_clone_is_served(inner):
    inner.joinpath(".git").mkdir()

    places = Places.of(our_account(), None, inner)

    places.refuse_other_owners()
    assert places.pointer == inner / ".services"


def test_the_refusal_names_the_owner(inner):
    plant_repository_above(inner)

    with pytest.raises(ServiceError, match=rf"\.git belongs to uid {STRANGER}, who"):
        Places.of(our_account(), None, inner)
