"""The frames agree with the database of a real Redmine, row by row."""

from __future__ import annotations

import http.client
import json

import pandas as pd
import pytest

from redmine_analytics import RedmineSource
from redmine_analytics.exceptions import (
    ExportError,
    KeyRefusedError,
    NotRedmineError,
    SourceError,
)
from tests.redmine import ADMIN_KEY, MANAGER_KEY
from tests.redmine.fake import FakeRedmine, record

pytestmark = pytest.mark.redmine


@pytest.fixture
def live(redmine, tmp_path):
    def make(**options):
        defaults = {"key": ADMIN_KEY, "project": "devops", "cache": tmp_path / "cache"}
        return RedmineSource(redmine.url, **{**defaults, **options})

    return make


def times(values):
    """Return seconds as the database has them: Redmine's JSON has no fractions."""
    return [None if pd.isna(v) else f"{v:%Y-%m-%d %H:%M:%S}" for v in values]


def plain(frame, columns):
    frame = frame[columns].astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def test_every_issue_agrees_with_the_database(redmine, live):
    frames = live().frames()

    expected = redmine.sql(
        "SELECT i.id, p.name, t.name, s.name, s.is_closed, i.subject, v.name, i.parent_id,"
        " i.estimated_hours, i.done_ratio, i.is_private, u.firstname || ' ' || u.lastname,"
        " (SELECT coalesce(sum(hours), 0.0) FROM time_entries WHERE issue_id = i.id),"
        " (SELECT nullif(value, '') FROM custom_values WHERE customized_id = i.id"
        "  AND customized_type = 'Issue' AND custom_field_id = 1),"
        " strftime('%Y-%m-%d %H:%M:%S', i.created_on),"
        " strftime('%Y-%m-%d %H:%M:%S', i.updated_on),"
        " strftime('%Y-%m-%d %H:%M:%S', i.closed_on)"
        " FROM issues i JOIN projects p ON p.id = i.project_id"
        " JOIN trackers t ON t.id = i.tracker_id JOIN issue_statuses s ON s.id = i.status_id"
        " LEFT JOIN versions v ON v.id = i.fixed_version_id JOIN users u ON u.id = i.author_id"
        " WHERE p.identifier IN ('devops', 'web') ORDER BY i.id"
    )
    names = ["id", "project", "tracker", "status", "is_closed", "subject", "version"]
    names += ["parent_id", "estimated_hours", "done_ratio", "is_private", "author"]
    found = plain(frames.issues, [*names, "spent_hours", "Story Points"])
    for row, *moments in zip(
        found,
        *(times(frames.issues[c]) for c in ("created_on", "updated_on", "closed_on")),
        strict=True,
    ):
        row += moments
    assert found == [list(row) for row in expected]
    assert len(found) == 62


def test_every_status_interval_agrees_with_the_database(redmine, live):
    frames = live().frames()

    changes = redmine.sql(
        "SELECT j.journalized_id, strftime('%Y-%m-%d %H:%M:%S', j.created_on),"
        " cast(d.old_value AS integer), cast(d.value AS integer)"
        " FROM journal_details d JOIN journals j ON j.id = d.journal_id"
        " JOIN issues i ON i.id = j.journalized_id WHERE d.prop_key = 'status_id'"
        " AND i.project_id IN (1, 2) ORDER BY j.journalized_id, j.id, d.id"
    )
    moves = frames.transitions[frames.transitions["from_id"].notna()]
    found = [
        (row.issue_id, at, row.from_id, row.to_id)
        for row, at in zip(moves.itertuples(), times(moves["at"]), strict=True)
    ]
    assert found == changes
    assert len(found) > 150
    assert not frames.transitions["is_inferred"].any()
    created = frames.transitions[frames.transitions["from_id"].isna()]
    assert list(created["issue_id"]) == list(frames.issues["id"])
    assert list(created["at"]) == list(frames.issues["created_on"])


def test_every_other_change_and_all_time_agree_with_the_database(redmine, live):
    frames = live().frames()

    changes = redmine.sql(
        "SELECT j.journalized_id, d.property,"
        " CASE d.property WHEN 'cf' THEN 'cf_' || d.prop_key ELSE d.prop_key END,"
        " d.old_value, d.value FROM journal_details d JOIN journals j ON j.id = d.journal_id"
        " JOIN issues i ON i.id = j.journalized_id WHERE d.prop_key <> 'status_id'"
        " AND i.project_id IN (1, 2) ORDER BY j.journalized_id, j.id, d.id"
    )
    columns = ["issue_id", "property", "field", "old_value", "new_value"]
    assert plain(frames.fields, columns) == [list(row) for row in changes]
    entries = redmine.sql(
        "SELECT id, issue_id, hours, comments, spent_on FROM time_entries ORDER BY id"
    )
    found = plain(frames.time_entries, ["id", "issue_id", "hours", "comments"])
    days = [f"{day:%Y-%m-%d}" for day in frames.time_entries["spent_on"]]
    assert [(*row, day) for row, day in zip(found, days, strict=True)] == entries
    versions = redmine.sql(
        "SELECT name FROM versions ORDER BY effective_date IS NULL, id"
    )
    assert [(name,) for name in frames.versions["name"]] == versions


def test_a_second_run_reads_what_changed_and_agrees_with_a_first_one(
    redmine, live, tmp_path
):
    source = live()
    source.frames()
    assert redmine.call("PUT", "/issues/60.json", {"issue": {"status_id": 5}}) == 204
    assert redmine.call("DELETE", "/issues/20.json") == 204
    body = {"issue": {"project_id": 3}}
    assert redmine.call("PUT", "/issues/21.json", body) == 204
    body = {"issue": {"project_id": 1, "subject": "New", "custom_fields": []}}
    assert redmine.call("POST", "/issues.json", body) == 201
    entry = {"issue_id": 30, "hours": 2.5, "activity_id": 8, "comments": "More"}
    assert redmine.call("POST", "/time_entries.json", {"time_entry": entry}) == 201
    assert redmine.call("DELETE", "/versions/5.json") == 422  # it has issues

    again, anew = source.frames(), live(cache=tmp_path / "another").frames()

    assert source.requests["/issues/N"] == 4  # 60, the new one, and why 20 and 21 left
    for name in ("issues", "transitions", "fields", "time_entries", "versions"):
        assert getattr(again, name).equals(getattr(anew, name)), name
    assert again.gone.set_index("id")["reason"].to_dict() == {
        20: "deleted",
        21: "moved",
    }


def test_a_private_issue_is_hidden_from_another_user(redmine, live, tmp_path):
    role = redmine.sql(
        "SELECT role_id FROM member_roles mr JOIN members m ON m.id ="
        " mr.member_id WHERE m.user_id = 5 LIMIT 1"
    )
    redmine.sql("UPDATE roles SET issues_visibility = 'own' WHERE id = ?", *role[0])
    source = live(key=MANAGER_KEY)

    redmine.sql("UPDATE roles SET issues_visibility = 'all' WHERE id = ?", *role[0])
    everything = source.frames()
    redmine.sql("UPDATE roles SET issues_visibility = 'own' WHERE id = ?", *role[0])
    own = source.frames()

    assert len(own.issues) < len(everything.issues)
    assert set(own.gone["reason"]) == {"hidden"}


def test_a_saved_query_selects_issues_of_any_status(live):
    frames = live(query=8).frames()

    assert len(frames.issues) == 61
    assert frames.issues["version"].notna().all()


def test_a_wrong_key_rest_off_and_an_unknown_project_are_errors(
    redmine, live, tmp_path
):
    with pytest.raises(KeyRefusedError, match="does not accept"):
        live(key="c" * 40).frames()
    with pytest.raises(SourceError, match="does not exist"):
        live(project="nope", cache=tmp_path / "other").frames()
    redmine.set("rest_api_enabled", "0")
    with pytest.raises(KeyRefusedError, match="switched off"):
        live().frames()


def test_an_export_agrees_with_the_frames_and_a_truncated_one_is_refused(redmine, live):
    source = live(query=8)
    frames = source.frames()

    export = source.export().sort_values("id").reset_index(drop=True)

    assert list(export["id"]) == list(frames.issues["id"])
    assert list(export["subject"]) == list(frames.issues["subject"])
    points = frames.issues["Story Points"].astype("float64")
    assert export["Story Points"].equals(points.rename("Story Points"))
    everything = live().export()
    assert set(everything["id"]) == set(live().frames().issues["id"])
    redmine.set("issues_export_limit", "10")
    with pytest.raises(ExportError, match="has 10 of 61 issues"):
        source.export()


def test_an_address_below_a_login_page_is_refused(redmine):
    source = RedmineSource(f"{redmine.url}/my", key=ADMIN_KEY)

    with pytest.raises((NotRedmineError, KeyRefusedError, SourceError)):
        source.frames()


QUESTIONS = [
    "/users/current.json",
    "/issue_statuses.json",
    "/projects.json?limit=100",
    "/projects/devops.json",
    "/projects/1/versions.json",
    "/projects/nope.json",
    "/issues.json?limit=3&sort=id",
    "/issues.json?status_id=*&sort=id&limit=1000",
    "/issues.json?status_id=*&sort=id&limit=7&project_id=1",
    "/issues.json?status_id=*&sort=id&limit=100&project_id=1&issue_id=%3E%3D40",
    "/issues.json?status_id=*&sort=id&limit=100&issue_id=%3E%3D999",
    "/issues.json?status_id=*&sort=id&limit=9&updated_on=%3E%3D2026-09-20T03:00:00Z",
    "/issues/7.json",
    "/issues/7.json?include=journals",
    "/issues/999.json",
    "/time_entries.json?limit=100&project_id=1",
]


def ask(url, path):
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", path, headers={"X-Redmine-API-Key": ADMIN_KEY})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    payload = json.loads(body) if answer.status == 200 else None
    if payload and "user" in payload:
        payload = {"user": payload["user"]["id"]}
    for rows in (payload or {}).values():
        if isinstance(rows, list):
            rows.sort(key=lambda row: row["id"])
    return answer.status, payload


def test_the_fake_answers_as_redmine_does(redmine):
    with FakeRedmine(record(redmine.get, [1, 2])) as fake:
        for path in QUESTIONS:
            assert ask(fake.url, path) == ask(redmine.url, path), path
