from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account
from dev_services.machine.places import Places, installed_once

USER, ROOT = Account("user", is_roots=False), Account("servers", is_roots=True)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its uid")


def test_a_user_keeps_data_in_the_clone(tmp_path):
    tmp_path.joinpath(".git").touch()
    below = tmp_path / "docs" / "en"

    places = Places.of(USER, None, below)

    assert places.kept == places.pointer == tmp_path / ".services"


def test_without_a_repository_data_are_kept_where_one_is(tmp_path):
    assert Places.of(USER, None, tmp_path).kept == tmp_path / ".services"


def test_a_chosen_folder_is_used(tmp_path):
    assert Places.of(USER, tmp_path / "here", tmp_path).kept == tmp_path / "here"


def test_root_keeps_data_where_its_account_can_enter(tmp_path):
    places = Places.of(ROOT, None, tmp_path / "site")

    assert places.pointer == tmp_path / "site" / ".services"
    assert places.kept.parent == Path("/var/lib/fieldkit")


def test_clones_of_one_name_have_their_own_data(tmp_path):
    one, other = (Places.of(ROOT, None, tmp_path / n / "site") for n in "ab")

    assert one.kept != other.kept


def test_a_link_and_its_target_are_one_clone(tmp_path):
    tmp_path.joinpath("real").mkdir()
    tmp_path.joinpath("link").symlink_to(tmp_path / "real")
    real, link = (Places.of(ROOT, None, tmp_path / n) for n in ("real", "link"))

    assert real.kept == link.kept


@pytest.mark.parametrize(
    ("folder", "starts"),
    [("my site", "my-site-"), ("..hidden", "hidden-"), ("ж", "clone-")],
)
def test_any_name_of_a_clone_gives_a_plain_folder(tmp_path, folder, starts):
    name = Places.of(ROOT, None, tmp_path / folder).kept.name

    assert name.startswith(starts)
    assert name.isascii()
    assert " " not in name


def test_the_clone_is_told_where_its_data_are(our_places):
    ignored = our_places.pointer.joinpath(".gitignore").read_text()

    assert ignored == "*\n"
    assert our_places.kept.is_dir()
    if our_places.account.is_roots:
        pointer = our_places.pointer.joinpath("kept-in").read_text()
        assert pointer == f"{our_places.kept}\n"


def renamed(places: Places) -> Places:
    """Rename a clone in which root's servers kept a note; return its new places."""
    places.kept.joinpath("note").write_text("kept")
    clone = places.pointer.parent
    clone = clone.rename(clone.with_name(f"{clone.name} renamed"))
    moved = Places.of(places.account, None, clone)
    moved.prepare()
    return moved


def test_a_renamed_clone_finds_its_data(our_places):
    moved = renamed(our_places)

    assert moved.kept.joinpath("note").read_text() == "kept"
    assert not our_places.kept.exists()


@needs_root
def test_a_renamed_clone_leaves_data_that_a_server_uses(our_places):
    our_places.kept.joinpath("postgresql", "data").mkdir(parents=True)
    our_places.kept.joinpath("postgresql", "data", "postmaster.pid").touch()

    assert not renamed(our_places).kept.joinpath("note").exists()


@needs_root
def test_a_copied_clone_has_its_own_data(our_places):
    our_places.kept.joinpath("note").write_text("kept")
    clone = our_places.pointer.parent
    copied = Path(shutil.copytree(clone, clone.with_name(f"{clone.name} copied")))

    places = Places.of(our_places.account, None, copied)
    places.prepare()

    assert not places.kept.joinpath("note").exists()
    assert our_places.kept.joinpath("note").exists()


@needs_root
def test_a_strict_umask_of_root_does_not_keep_its_account_out(our_places, monkeypatch):
    old = os.umask(0o077)
    try:
        our_places.prepare_binaries()
        shelf = our_places.prepare_throw_away()
    finally:
        os.umask(old)

    assert our_places.binaries.stat().st_mode & 0o777 == 0o755
    assert shelf.stat().st_mode & 0o777 == 0o755


def test_a_throw_away_folder_that_others_can_write_is_refused(our_places):
    our_places.prepare_throw_away().chmod(0o777)
    try:
        with pytest.raises(ServiceError, match="is not ours alone"):
            our_places.prepare_throw_away()
    finally:
        our_places.throw_away.chmod(0o755)


def test_two_at_once_install_once(tmp_path):
    installed = []

    def install(folder):
        installed.append(folder)
        folder.joinpath("program").touch(mode=0o700)

    with ThreadPoolExecutor() as pool:
        target = tmp_path / "tool"
        for done in [pool.submit(installed_once, target, install) for _ in range(8)]:
            assert done.result() == target

    assert len(installed) == 1
    assert target.joinpath("program").stat().st_mode & 0o777 == 0o755


def test_an_installation_that_was_killed_is_made_anew(tmp_path):
    tmp_path.joinpath("tool.new").mkdir()
    tmp_path.joinpath("tool.new", "half").touch()

    installed_once(tmp_path / "tool", lambda folder: folder.joinpath("whole").touch())

    assert [path.name for path in tmp_path.joinpath("tool").iterdir()] == ["whole"]


def test_a_failed_installation_is_none(tmp_path):
    def fail(folder):
        raise ServiceError("no disk")

    with pytest.raises(ServiceError):
        installed_once(tmp_path / "tool", fail)

    assert not tmp_path.joinpath("tool").exists()
