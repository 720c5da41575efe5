from __future__ import annotations

import io

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from redmine_analytics.models import Snapshot
from redmine_analytics.report.options import ReportOptions
from redmine_analytics.report.sections import build_report
from tests.histories import card, history

pytestmark = pytest.mark.django_db


@pytest.fixture
def configured(fake, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("REDMINE_API_KEY", fake.key)
    settings.REDMINE_ANALYTICS = {
        "URL": fake.url,
        "PROJECT": "devops",
        "CACHE": str(tmp_path / "cache.sqlite"),
        "DISCARDED": ["Rejected"],
    }
    return settings.REDMINE_ANALYTICS


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("redmine_snapshot", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_snapshot_holds_the_charts_and_needs_no_redmine(fake, configured):
    out, err = run()
    fake.paths.clear()

    snapshot = Snapshot.objects.newest("devops")

    assert "charts of 62 issues" in out
    assert "Calibration" in err
    assert b"</svg>" in snapshot.result("velocity").svg()
    assert snapshot.result("velocity").table["points"].sum() > 200
    assert all(chart["alt_text"] for chart in snapshot.charts())
    assert fake.paths == []
    assert fake.key not in str(snapshot.results)


def test_the_same_data_are_one_snapshot(configured):
    run()
    out, _ = run("--offline")

    assert "was there already" in out
    assert Snapshot.objects.count() == 1


def test_old_snapshots_are_deleted_of_this_project_only(configured):
    frames = history(card(1))
    for project in ("devops", "web"):
        options = ReportOptions("https://redmine.example", project)
        Snapshot.objects.take(frames, options)

    run("--keep", "1", "--verbosity", "0")

    assert sorted(Snapshot.objects.values_list("project", "issue_count")) == [
        ("devops", 62),
        ("web", 1),
    ]


def test_quiet_is_quiet(configured):
    assert run("--verbosity", "0") == ("", "")


def test_a_failure_is_one_line_and_keeps_nothing(fake, configured):
    fake.is_rest_enabled = False

    with pytest.raises(CommandError, match="REST service is switched off"):
        run()

    assert not Snapshot.objects.exists()


def test_the_charts_come_in_the_order_of_the_report(configured):
    options = ReportOptions("https://redmine.example", "devops")
    made = build_report(history(card(1)), options)

    taken, _ = Snapshot.objects.take(history(card(1)), options)
    # What PostgreSQL does with the keys of jsonb.
    taken.results = dict(sorted(taken.results.items(), key=lambda i: (len(i[0]), i[0])))
    taken.save()

    found = [chart["title"] for chart in Snapshot.objects.newest().charts()]
    assert found == [result.title for result in made.results]


def test_a_cache_that_cannot_be_written_is_one_line(configured, tmp_path):
    (tmp_path / "file").touch()
    configured["CACHE"] = str(tmp_path / "file" / "cache.sqlite")

    with pytest.raises(CommandError, match="file"):
        run()


@pytest.mark.parametrize("keep", ["0", "-1"])
def test_keeping_no_snapshot_is_refused(configured, keep):
    with pytest.raises(CommandError, match="give 1 or more"):
        run(f"--keep={keep}")


def test_without_the_setting_the_command_says_so_and_the_checks_nothing(settings):
    with pytest.raises(CommandError, match="REDMINE_ANALYTICS is missing"):
        run()

    assert run_checks() == []


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("https://redmine.example", "it is not a dictionary"),
        ({"PROJECT": "devops"}, "'url' is missing"),
        ({"URL": "redmine.example"}, "is not the address of a Redmine"),
        ({"URL": "https://r.example", "PROJEKT": "x"}, "'projekt' is not an option"),
        ({"URL": "https://r.example", "TIME_ZONE": "Mars"}, "calendar is wrong"),
        ({"URL": "https://r.example/?key=s3cret"}, "carries a secret"),
    ],
)
def test_a_wrong_setting_is_an_error_of_the_checks(
    settings, monkeypatch, setting, says
):
    monkeypatch.setenv("REDMINE_API_KEY", "k")
    settings.REDMINE_ANALYTICS = setting

    [found] = run_checks()

    assert found.id == "redmine_analytics.E001"
    assert says in found.msg
    assert "s3cret" not in found.msg


def test_a_missing_key_is_a_warning(settings, monkeypatch):
    monkeypatch.delenv("REDMINE_API_KEY", raising=False)
    settings.REDMINE_ANALYTICS = {"URL": "https://redmine.example"}

    assert [found.id for found in run_checks()] == ["redmine_analytics.W001"]
    settings.REDMINE_ANALYTICS["KEY"] = "k"
    assert run_checks() == []


def test_the_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
