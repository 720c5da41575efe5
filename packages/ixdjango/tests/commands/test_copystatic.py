from __future__ import annotations

import io
import os
import threading

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def folders(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path / "root")
    settings.NGINX_STATIC_DIR = str(tmp_path / "served")
    css = tmp_path / "root" / "css"
    css.mkdir(parents=True)
    (css / "site.css").write_text("body {}")
    (tmp_path / "root" / "staticfiles.json").write_text("{}")
    return tmp_path / "root", tmp_path / "served"


def copy(*arguments, **options):
    output = io.StringIO()
    call_command("copystatic", *arguments, stdout=output, stderr=output, **options)
    return output.getvalue()


def test_files_are_copied_with_their_times_and_modes(folders):
    root, served = folders
    os.utime(root / "css" / "site.css", (1, 1))
    (root / "css" / "site.css").chmod(0o640)

    assert "2 files copied" in copy()

    copied = (served / "css" / "site.css").stat()
    assert (copied.st_mtime, copied.st_mode & 0o777) == (1, 0o640)


def test_only_what_changed_is_copied_again(folders):
    root, served = folders
    copy()
    before = (served / "css" / "site.css").stat().st_ino
    (root / "staticfiles.json").write_text("{ }")

    assert "1 files copied" in copy()
    assert (served / "css" / "site.css").stat().st_ino == before


def test_equal_files_with_other_times_are_left_as_they_are(folders):
    root, _ = folders
    copy()
    os.utime(root / "css" / "site.css", (5, 5))

    assert "0 files copied" in copy()


def test_a_reader_never_sees_half_a_file(folders):
    root, served = folders
    size = 1 << 21
    (root / "big").write_bytes(b"a" * size)
    copy()
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            seen.add((served / "big").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for letter in (b"b", b"c", b"d"):
        (root / "big").write_bytes(letter * size)
        copy()
    stop.set()
    reader.join(10)

    assert seen <= {letter * size for letter in (b"a", b"b", b"c", b"d")}


def test_the_manifest_comes_last_and_stale_files_go_only_if_asked(folders):
    _, served = folders
    copy()
    (served / "old").mkdir()
    (served / "old" / "site.css").touch()

    copy()
    assert (served / "old" / "site.css").exists()
    assert "1 removed" in copy(delete=True)
    assert not (served / "old").exists()
    written = sorted(served.rglob("*.*"), key=lambda path: path.stat().st_ctime_ns)
    assert written[-1].name == "staticfiles.json"


def test_without_a_folder_to_copy_to_nothing_happens(folders, settings):
    settings.NGINX_STATIC_DIR = None

    assert copy() == "NGINX_STATIC_DIR is not set; nothing was copied.\n"


@pytest.mark.parametrize("inner", ["root/css", "root", "."])
def test_folders_that_overlap_are_refused(folders, inner):
    with pytest.raises(CommandError, match="overlap; name another folder"):
        copy(str(folders[0].parent / inner))


def test_a_missing_source_is_one_line(folders, settings):
    settings.STATIC_ROOT = "/nowhere"

    with pytest.raises(CommandError, match="run collectstatic first"):
        copy()
