from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime, timezone

import pytest

from redmine_analytics import RedmineSource
from redmine_analytics.exceptions import (
    CacheError,
    ChangedWhileReadError,
    KeyRefusedError,
    NotRedmineError,
    RedmineAnalyticsError,
    SourceError,
)

LATER = "2026-10-01T10:00:00Z"


def reads(fake):
    """Return the issues that were read with their journals, and forget the requests."""
    found = [int(p.split("/")[2].split(".")[0]) for p in fake.paths if "journals" in p]
    fake.paths.clear()
    return sorted(found)


def test_the_first_run_reads_every_issue_once_and_the_second_none(fake, source):
    first = source.frames()
    assert reads(fake) == sorted(first.issues["id"])

    second = source.frames()
    assert reads(fake) == []
    assert second.issues.equals(first.issues)
    assert second.transitions.equals(first.transitions)


def test_closed_issues_are_read_too(fake, source):
    frames = source.frames()

    assert frames.issues["is_closed"].sum() > 40
    assert all("status_id=%2A" in p for p in fake.paths if p.startswith("/issues.json"))


def test_only_the_issue_just_closed_is_read_again(fake, source):
    before = source.frames()
    reads(fake)
    assert not before.issues.set_index("id").loc[60, "is_closed"]
    fake.change(60, LATER, status_id=("2", "5"))

    after = source.frames()

    assert reads(fake) == [60]
    assert after.issues.set_index("id").loc[60, "status"] == "Closed"
    assert after.transitions.query("issue_id == 60")["to_status"].iloc[-1] == "Closed"


def test_a_change_committed_late_is_found_by_the_overlap(fake, source):
    fake.change(59, LATER, done_ratio=("0", "10"))
    source.frames()
    reads(fake)
    # A transaction that began before and was committed after the one above.
    fake.change(58, "2026-10-01T09:59:20Z", done_ratio=("0", "50"))

    source.frames()

    assert reads(fake) == [58]


def test_an_issue_changed_in_the_second_of_reading_is_read_once_more(fake, source):
    fake.sends_date = True
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    fake.change(58, now, done_ratio=("0", "50"))
    source.frames()
    reads(fake)

    source.frames()

    assert reads(fake) == [58]


def test_a_deleted_a_hidden_and_a_moved_issue_are_told_apart(fake, source):
    source.frames()
    fake.delete(11)
    fake.state["issues"][12] = "hidden"
    elsewhere = {"id": 3, "name": "Elsewhere"}
    fake.state["issues"][13]["project"] = fake.state["list"][13]["project"] = elsewhere

    frames = source.frames()

    gone = frames.gone.set_index("id")
    assert gone["reason"].to_dict() == {11: "deleted", 12: "hidden", 13: "moved"}
    assert gone.loc[13, "project"] == "Elsewhere"
    assert not {11, 12, 13} & set(frames.issues["id"])


def test_a_deletion_is_found_although_an_issue_was_created(fake, source):
    source.frames()
    fake.delete(11)
    fake.state["issues"][99] = {
        **fake.state["issues"][60],
        "id": 99,
        "updated_on": LATER,
    }
    fake.state["list"][99] = {**fake.state["list"][60], "id": 99, "updated_on": LATER}

    frames = source.frames()

    assert 99 in set(frames.issues["id"])
    assert 11 not in set(frames.issues["id"])
    assert list(frames.gone["id"]) == [11]


def test_an_issue_that_comes_back_is_not_gone_any_more(fake, source):
    source.frames()
    hidden = fake.state["issues"][12]
    fake.state["issues"][12] = "hidden"
    assert list(source.frames().gone["id"]) == [12]
    fake.state["issues"][12] = hidden

    frames = source.frames()

    assert frames.gone.empty
    assert 12 in set(frames.issues["id"])


def test_an_issue_deleted_between_the_list_and_its_journals_is_gone(fake, source):
    fake.changes = Once(
        lambda: fake.paths[-1].startswith("/issues/62.json"), lambda: fake.delete(62)
    )

    frames = source.frames()

    assert list(frames.gone["id"]) == [62]


def test_pages_that_shift_while_they_are_read_miss_no_issue(fake, source):
    template = fake.state["issues"][60]
    for number in range(101, 351):
        fake.state["issues"][number] = {**template, "id": number}
        fake.state["list"][number] = {**fake.state["list"][60], "id": number}
    fake.changes = Once(
        lambda: sum(p.startswith("/issues.json") for p in fake.paths) == 3,
        lambda: fake.delete(2),
    )

    frames = source.frames()

    assert fake.changes.is_done
    assert set(range(101, 351)) <= set(frames.issues["id"])
    assert 2 not in set(frames.issues["id"])


class Once(list):
    """A change of the server just before the request that a condition chooses."""

    def __init__(self, is_time, change):
        super().__init__()
        self.is_time, self.change, self.is_done = is_time, change, False

    def __bool__(self):
        if not self.is_done and self.is_time():
            self.is_done = True
            self.change()
        return False


def test_deleting_a_version_takes_it_from_its_issues(fake, source):
    before = source.frames()
    assert (before.issues["version"] == "Sprint 3").sum() > 2
    for path in ("/projects/1/versions.json", "/projects/2/versions.json"):
        versions = fake.state[path]["versions"]
        fake.state[path]["versions"] = [v for v in versions if v["id"] != 3]
    for rows in (fake.state["issues"], fake.state["list"]):
        for row in rows.values():
            if row.get("fixed_version", {}).get("id") == 3:
                del row["fixed_version"]  # Redmine does not change updated_on

    after = source.frames()

    assert not (after.issues["version"] == "Sprint 3").any()
    assert (
        after.issues["version_id"].isna().sum()
        > before.issues["version_id"].isna().sum()
    )


def test_logged_time_is_seen_although_it_does_not_touch_the_issue(fake, source):
    before = source.frames()
    entry = {
        **fake.state["time_entries"][0],
        "id": 900,
        "issue": {"id": 1},
        "hours": 4.0,
    }
    fake.state["time_entries"].append(entry)

    after = source.frames()

    spent = [f.issues.set_index("id").loc[1, "spent_hours"] for f in (before, after)]
    assert spent[1] - spent[0] == 4.0


def test_an_edited_journal_is_found_by_a_full_run_only(fake, source):
    source.frames()
    fake.state["issues"][5]["journals"][-1]["details"][0]["new_value"] = "6"
    fake.state["issues"][5]["journals"][-1]["user"]["name"] = "Somebody Else"
    reads(fake)

    def user(frames):
        return frames.transitions.query("issue_id == 5 and not is_inferred")[
            "user"
        ].iloc[-1]

    assert user(source.frames()) != "Somebody Else"
    assert user(source.frames(full=True)) == "Somebody Else"


def test_a_renamed_custom_field_has_its_new_name_in_every_row(fake, source):
    source.frames()
    fake.state["/custom_fields.json"]["custom_fields"][0]["name"] = "Effort"

    frames = source.frames()

    assert frames.issues["Effort"].notna().sum() == 60
    assert "Story Points" not in frames.issues
    assert set(frames.fields.query("field == 'cf_1'")["name"]) == {"Effort"}


def test_a_broken_run_is_resumed_and_reads_nothing_twice(fake, tmp_path, make_source):
    source = make_source(retries=0)
    fake.faults = [("/issues/40.json", "drop")]
    with pytest.raises(RedmineAnalyticsError, match=r"issues/40\.json"):
        source.frames()
    first = set(reads(fake)) - {40}
    with pytest.raises(CacheError, match="no complete run"):
        source.frames(offline=True)

    frames = source.frames()

    second = reads(fake)
    with sqlite3.connect(source.cache) as database:
        [(kept,)] = database.execute(
            "SELECT count(*) FROM issues WHERE body IS NOT NULL"
        )
    database.close()
    assert 40 in second
    assert len(second) < len(frames.issues)
    assert kept == len(frames.issues) == len(set(second) | first)


def test_offline_makes_no_request_and_says_how_old_the_cache_is(
    fake, source, make_source
):
    online = source.frames()
    fake.paths.clear()

    frames = make_source(key=None).frames(offline=True)

    assert fake.paths == []
    assert frames.issues.equals(online.issues)
    assert frames.read_at == online.read_at
    assert frames.age().total_seconds() < 300
    assert "read 0.0 h ago" in repr(frames)


def test_offline_without_a_cache_is_an_error(make_source):
    with pytest.raises(CacheError, match="does not exist; connect once"):
        make_source(cache="none.sqlite").frames(offline=True)


def test_a_wrong_key_is_an_error_although_the_project_is_public(fake, make_source):
    with pytest.raises(KeyRefusedError, match="does not accept the API key"):
        make_source(key="c" * 40).frames()


def test_rest_switched_off_is_an_error_although_the_project_is_public(fake, source):
    fake.is_rest_enabled = False

    with pytest.raises(KeyRefusedError, match="REST service is switched off"):
        source.frames()


def test_an_unknown_project_is_named(fake, make_source):
    with pytest.raises(SourceError, match="project 'nope' does not exist"):
        make_source(project="nope").frames()


def test_a_server_that_ignores_the_filter_by_id_is_refused(fake, source):
    for number in range(101, 301):
        fake.state["issues"][number] = {**fake.state["issues"][60], "id": number}
        fake.state["list"][number] = {**fake.state["list"][60], "id": number}
    issues = fake._issues
    fake._issues = lambda query: issues(
        {k: v for k, v in query.items() if k != "issue_id"}
    )

    with pytest.raises(NotRedmineError, match=r"Redmine 3\.4 or later"):
        source.frames()


def test_a_list_that_never_stops_changing_is_an_error(fake, source):
    entries = fake.state["time_entries"]
    entries += [{**entries[0], "id": 1000 + n} for n in range(150)]

    class Endless(list):
        def __bool__(self):
            if fake.paths[-1].startswith("/time_entries"):
                entries.append({**entries[0], "id": 5000 + len(entries)})
            return False

    fake.changes = Endless()

    with pytest.raises(
        ChangedWhileReadError, match=r"time_entries\.json: the list changed"
    ):
        source.frames()


def test_the_cache_of_another_project_is_refused(fake, source, make_source):
    source.frames()

    with pytest.raises(CacheError, match="name another file with cache="):
        make_source(project="web").frames()


def test_a_file_that_is_not_a_cache_is_refused_and_left_alone(
    fake, tmp_path, make_source
):
    text, foreign = tmp_path / "notes.txt", tmp_path / "foreign.sqlite"
    text.write_text("my notes, which are long enough not to be an empty database" * 9)
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE meta (name, value)")
    database.close()

    for file in (text, foreign):
        before = file.read_bytes()
        with pytest.raises(CacheError, match="name another file"):
            make_source(cache=file).frames()
        assert file.read_bytes() == before


def test_the_cache_is_private_and_never_holds_the_key(fake, source):
    source.frames()

    assert source.cache.stat().st_mode & 0o777 == 0o600
    assert fake.key.encode() not in source.cache.read_bytes()


def test_another_user_does_not_see_what_the_first_one_read(fake, source, make_source):
    source.frames()
    fake.key = "d" * 40
    payload = fake._payload

    def as_another(handler):
        status, answer = payload(handler)
        if answer and "user" in answer:
            answer = {"user": {"id": 77}}
        return status, answer

    fake._payload = as_another
    reads(fake)

    frames = make_source(key="d" * 40).frames()

    assert reads(fake) == sorted(frames.issues["id"])


def test_progress_is_told(fake, source):
    seen = []
    frames = source.frames(progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (len(frames.issues),) * 2
    assert [done for done, _ in seen] == list(range(1, len(frames.issues) + 1))


def test_two_sources_have_two_caches_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one = RedmineSource("https://redmine.example", key="k", project="devops")
    two = RedmineSource("https://redmine.example/other", key="k", project="devops")

    assert one.cache != two.cache
    assert one.cache.parent == tmp_path / "redmine_analytics"


def test_a_cache_that_is_damaged_inside_is_one_line(source):
    source.frames()
    with contextlib.closing(sqlite3.connect(source.cache)) as database:
        database.execute("DROP TABLE issues")
        database.commit()

    for offline in (True, False):
        with pytest.raises(
            CacheError, match=r"cache: cannot be used \(.*\); delete it"
        ):
            source.frames(offline=offline)
