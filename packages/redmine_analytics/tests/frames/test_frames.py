from __future__ import annotations

from datetime import datetime, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redmine_analytics import intervals
from redmine_analytics.exceptions import FieldError
from redmine_analytics.frames import build_frames
from redmine_analytics.frames.tables import natural_key
from redmine_analytics.read.cache import Record
from tests.redmine.fake import recorded

READ_AT = datetime(2026, 10, 1, tzinfo=timezone.utc)
STATUSES = [
    {"id": 1, "name": "New", "is_closed": False},
    {"id": 2, "name": "In Progress", "is_closed": False},
    {"id": 5, "name": "Closed", "is_closed": True},
]


def issue(number=1, status=1, journals=(), **values):
    return {
        "id": number,
        "project": {"id": 1, "name": "Devops"},
        "tracker": {"id": 1, "name": "Bug"},
        "status": {"id": status, "name": "?"},
        "priority": {"id": 1, "name": "Normal"},
        "author": {"id": 5, "name": "Maya"},
        "subject": "A card",
        "created_on": "2026-07-01T09:00:00Z",
        "updated_on": "2026-07-09T09:00:00Z",
        "closed_on": None,
        "journals": list(journals),
        **values,
    }


def journal(number, at, *details):
    return {
        "id": number,
        "user": {"id": 6, "name": "Noor"},
        "created_on": at,
        "details": [
            dict(
                zip(("property", "name", "old_value", "new_value"), detail, strict=True)
            )
            for detail in details
        ],
    }


def frames_of(*issues, **lists):
    lists = {"issue_statuses": STATUSES, **lists}
    return build_frames(Record("https://redmine.example", READ_AT, list(issues), lists))


def moves(frames):
    return [
        (row.from_status, row.to_status, row.is_inferred)
        for row in frames.transitions.fillna(
            {"from_status": "?", "to_status": "?"}
        ).itertuples()
    ]


def test_an_issue_without_journals_was_always_in_its_status():
    assert moves(frames_of(issue(status=2))) == [("?", "In Progress", False)]


def test_the_first_status_is_the_old_value_of_the_first_change():
    frames = frames_of(
        issue(
            5, 5, [journal(1, "2026-07-02T09:00:00Z", ("attr", "status_id", "2", "5"))]
        )
    )

    assert moves(frames) == [
        ("?", "In Progress", False),
        ("In Progress", "Closed", False),
    ]


def test_changes_of_one_second_keep_the_order_of_their_journals():
    second = "2026-07-02T09:00:00Z"
    frames = frames_of(
        issue(
            1,
            5,
            [
                journal(8, second, ("attr", "status_id", "2", "5")),
                journal(7, second, ("attr", "status_id", "1", "2")),
            ],
        )
    )

    assert [move[1] for move in moves(frames)] == ["New", "In Progress", "Closed"]


def test_a_gap_that_a_deleted_journal_leaves_is_closed_and_marked():
    frames = frames_of(
        issue(
            1,
            1,
            [
                journal(1, "2026-07-02T09:00:00Z", ("attr", "status_id", "1", "2")),
                journal(3, "2026-07-04T09:00:00Z", ("attr", "status_id", "5", "2")),
            ],
        )
    )

    assert moves(frames) == [
        ("?", "New", False),
        ("New", "In Progress", False),
        ("In Progress", "Closed", True),
        ("Closed", "In Progress", False),
        ("In Progress", "New", True),  # the present status
    ]


def test_a_deleted_status_leaves_its_id_without_a_name():
    frames = frames_of(
        issue(
            1, 5, [journal(1, "2026-07-02T09:00:00Z", ("attr", "status_id", "9", "5"))]
        )
    )

    assert frames.transitions["to_id"].tolist() == [9, 5]
    assert frames.transitions["to_status"].isna().tolist() == [True, False]


def test_a_reopened_issue_is_open_although_closed_on_is_kept():
    frames = frames_of(issue(1, 2, closed_on="2026-07-05T09:00:00Z"))

    assert not frames.issues.loc[0, "is_closed"]
    assert frames.issues.loc[0, "closed_on"] == pd.Timestamp("2026-07-05T09:00Z")


def test_the_history_of_fields_has_ids_and_names():
    frames = frames_of(
        issue(
            1,
            1,
            [
                journal(
                    1,
                    "2026-07-02T09:00:00Z",
                    ("attr", "fixed_version_id", "1", "2"),
                    ("attr", "fixed_version_id", "2", "77"),
                    ("cf", "1", "3", "5"),
                    ("attr", "done_ratio", "0", "50"),
                    ("attachment", "4", None, "plan.pdf"),
                )
            ],
            custom_fields=[{"id": 1, "name": "Story Points", "value": "5"}],
        ),
        versions=[version(1, "Sprint 1"), version(2, "Sprint 2")],
    )

    rows = frames.fields.astype(object).where(frames.fields.notna(), None)
    assert rows[["field", "name", "old", "new"]].to_numpy().tolist() == [
        ["fixed_version_id", "fixed_version_id", "Sprint 1", "Sprint 2"],
        ["fixed_version_id", "fixed_version_id", "Sprint 2", None],
        ["cf_1", "Story Points", "3", "5"],
        ["done_ratio", "done_ratio", "0", "50"],
        ["4", "4", None, "plan.pdf"],
    ]
    assert rows["new_value"][1] == "77"


def version(number, name, due=None):
    return {
        "id": number,
        "name": name,
        "project": {"id": 1, "name": "Devops"},
        "status": "open",
        "sharing": "none",
        "due_date": due,
        "created_on": "2026-06-01T09:00:00Z",
        "updated_on": "2026-06-01T09:00:00Z",
    }


def test_versions_are_in_the_order_of_time_and_never_of_text():
    frames = frames_of(
        versions=[
            version(1, "Sprint 10"),
            version(2, "Sprint 9"),
            version(3, "Sprint 1", "2026-09-01"),
            version(4, "Later", "2026-08-01"),
        ]
    )

    assert list(frames.versions["name"]) == [
        "Later",
        "Sprint 1",
        "Sprint 9",
        "Sprint 10",
    ]


def test_totals_count_each_issue_of_the_tree_once():
    tree = [
        issue(1, estimated_hours=1.0),
        issue(2, parent={"id": 1}, estimated_hours=2.0),
        issue(3, parent={"id": 2}, estimated_hours=4.0),
        issue(4),
    ]

    totals = frames_of(*tree).issues.set_index("id")["total_estimated_hours"]

    assert totals[:3].tolist() == [7.0, 6.0, 4.0]
    assert pd.isna(totals[4])


def test_a_custom_field_is_found_in_any_case_and_twins_must_be_chosen():
    fields = [
        {"id": 1, "name": "Story points", "value": "2.5"},
        {"id": 2, "name": "Team", "value": "a"},
        {"id": 3, "name": "Team", "value": ""},
        {"id": 4, "name": "Systems", "value": ["web", "mail"]},
        {"id": 5, "name": "status", "value": "its own"},
    ]
    frames = frames_of(issue(custom_fields=fields))

    assert frames.numbers("Story Points").tolist() == [2.5]
    assert frames.issues.loc[0, "Systems"] == "web, mail"
    assert frames.issues.loc[0, "status (cf_5)"] == "its own"
    assert pd.isna(frames.issues.loc[0, "Team (cf_3)"])
    with pytest.raises(FieldError, match=r"give one of Team \(cf_2\), Team \(cf_3\)"):
        frames.column("team")
    with pytest.raises(FieldError, match="no issue has such a field; there are id,"):
        frames.column("Points")
    with pytest.raises(
        FieldError, match="issue 1: 'Systems' is 'web, mail', not a number"
    ):
        frames.numbers("Systems")


def test_without_issues_every_frame_has_its_columns_and_types():
    empty, full = frames_of(), build_frames(_record())

    for name in ("transitions", "fields", "time_entries", "versions", "gone"):
        assert getattr(empty, name).dtypes.equals(getattr(full, name).dtypes), name
    known = empty.issues.columns
    assert empty.issues.dtypes.equals(full.issues[known].dtypes)


def _record():
    state = recorded()
    lists = {
        path.strip("/").removesuffix(".json"): p
        for path, p in state.items()
        if path[0] == "/"
    }
    return Record(
        "https://redmine.example",
        READ_AT,
        list(state["issues"].values()),
        {
            "issue_statuses": lists["issue_statuses"]["issue_statuses"],
            "versions": state["/projects/1/versions.json"]["versions"],
            "time_entries": state["time_entries"],
        },
    )


STATUS = st.integers(1, 4)
MINUTES = st.integers(0, 60 * 24 * 30)


@given(st.lists(st.tuples(MINUTES, STATUS, STATUS), max_size=8), STATUS)
def test_the_intervals_of_an_issue_partition_its_time(changes, present):
    start = pd.Timestamp("2026-07-01T09:00Z")
    journals = [
        journal(
            n,
            f"{start + pd.Timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}",
            ("attr", "status_id", str(old), str(new)),
        )
        for n, (minutes, old, new) in enumerate(sorted(changes, key=lambda c: c[0]))
    ]
    last = journals[-1]["created_on"] if journals else "2026-07-01T09:00:00Z"
    frames = frames_of(issue(1, present, journals, updated_on=last))

    found = intervals(frames.transitions, frames.until)

    assert found["start"].iloc[0] == start
    assert found["end"].iloc[-1] == frames.until
    assert (found["end"].iloc[:-1].array == found["start"].iloc[1:].array).all()
    assert (found["end"] >= found["start"]).all()
    chain = frames.transitions
    assert chain["from_id"].iloc[1:].tolist() == chain["to_id"].iloc[:-1].tolist()
    assert chain["to_id"].iloc[-1] == present


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_names_have_a_natural_order(names):
    ordered = sorted(names, key=natural_key)

    assert list(map(natural_key, ordered)) == sorted(map(natural_key, names))
