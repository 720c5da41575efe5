from __future__ import annotations

import io
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

import wagtailimporter
from tests.testapp.models import Job

JOBS = "!testapp.job {slug: a, title: A}\n---\n!testapp.job {slug: b, title: B}"


@pytest.mark.django_db
def test_the_command_prints_one_line(folder):
    assert folder.command(JOBS) == "2 jobs created\n"
    assert folder.command(JOBS) == "2 jobs unchanged\n"


@pytest.mark.django_db
def test_verbosity_names_each_object_or_nothing(folder):
    assert folder.command(JOBS, verbosity=0) == ""
    assert folder.command(JOBS, verbosity=2) == (
        "unchanged testapp.job slug 'a'\nunchanged testapp.job slug 'b'\n2 jobs unchanged\n"
    )


@pytest.mark.django_db
def test_a_dry_run_says_what_would_be(folder):
    assert folder.command(JOBS, "--dry-run") == (
        "dry run, nothing written: 2 jobs created\n"
    )
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_file_that_would_take_too_much_memory_is_refused_unread(folder):
    path = folder.write("# a comment\n" * (8 * 1024 * 1024 // 12 + 1), "large.yaml")
    stderr = io.StringIO()

    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_pages", path, stderr=stderr)

    assert stderr.getvalue() == f"{path}: larger than 8 MiB; split it into files.\n"


@pytest.mark.django_db
def test_every_problem_is_a_line_on_stderr(folder, tmp_path):
    bad = folder.write("!testapp.job {slug: [x]}", "bad.yaml")
    stderr = io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("import_pages", bad, str(tmp_path / "none.yaml"), stderr=stderr)

    assert stderr.getvalue() == f"{tmp_path}/none.yaml: No such file or directory.\n"
    assert str(caught.value) == "1 problem; nothing was written."


@pytest.mark.django_db
def test_an_empty_file_is_no_error(folder):
    assert folder.command("# nothing yet\n") == "the files describe nothing\n"


def test_public_names_are_importable_and_others_are_not():
    for name in wagtailimporter.__all__:
        assert getattr(wagtailimporter, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = wagtailimporter.nothing


def test_the_package_is_imported_without_settings():
    code = (
        "import wagtailimporter, wagtailimporter.parse.yaml_text, wagtailimporter.apps"
    )

    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={})
