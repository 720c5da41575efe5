from __future__ import annotations

import math

import pytest

from redmine_analytics import Workflow, burndown, burnup, estimates, spillover, velocity
from redmine_analytics.exceptions import FieldError
from tests.histories import card, history, spent, sprint

CLOSED = ("5", "Closed")


def test_velocity_is_in_the_order_of_time_with_a_moving_average():
    versions = [sprint(n, due) for n, due in ((10, 20), (2, 10), (1, 5), (9, 15))]
    cards = [
        card(n, CLOSED, version=version, points=points)
        for n, (version, points) in enumerate(
            ((1, 1), (2, 2), (9, 4), (10, 8), (10, 0.5))
        )
    ]

    found = velocity(history(*cards, versions=versions), window=2)

    assert list(found.table.index) == ["Sprint 1", "Sprint 2", "Sprint 9", "Sprint 10"]
    assert found.table["points"].tolist() == [1, 2, 4, 8.5]
    assert found.table["average"].tolist() == [1, 1.5, 3, 6.25]
    assert (
        "4 sprints, from 1 to 8.5; the average of the last 2 is 6.2" in found.alt_text
    )


def test_only_work_that_is_done_counts_and_an_empty_sprint_counts_zero():
    versions = [sprint(1, 5), sprint(2, 10), sprint(3, 15), sprint(4, None, "Backlog")]
    reopened = ("6", "In Progress")
    cards = [
        card(1, CLOSED, version=1, points=1),
        card(
            2, CLOSED, reopened, version=1, points=2, closed_on="2026-07-05T00:00:00Z"
        ),
        card(3, ("5", "Rejected"), version=1, points=4),
        card(4, CLOSED, version=3, points=None),
        card(5, CLOSED, version=4, points=8),
        card(6, CLOSED, points=16),
    ]
    frames = history(*cards, versions=versions)

    def points(**options):
        return velocity(frames, **options).table["points"].tolist()

    assert points() == [5, 0, 0]
    assert points(workflow=Workflow.of(frames, discarded=["Rejected"])) == [1, 0, 0]
    assert points(points=None) == [2, 0, 1]


def test_sprints_that_have_not_begun_are_left_out():
    versions = [
        sprint(1, 30),
        sprint(2, 31),
        {**sprint(3, 1), "due_date": "2026-08-09"},
    ]
    later = {**sprint(4, 1), "due_date": "2026-08-16"}

    found = velocity(history(versions=[*versions, later]))

    # The data were read at noon of the 31st, the last day of the second sprint.
    assert list(found.table.index) == ["Sprint 1", "Sprint 2", "Sprint 3"]


def test_versions_without_due_dates_are_in_natural_order():
    versions = [sprint(n, None) for n in (10, 9, 1)]

    found = velocity(history(card(1, CLOSED, version=9, points=3), versions=versions))

    assert found.table["points"].to_dict() == {
        "Sprint 1": 0,
        "Sprint 9": 3,
        "Sprint 10": 0,
    }


def test_without_a_sprint_velocity_is_empty_and_says_so():
    found = velocity(history())

    assert found.table.empty
    assert found.alt_text == "Velocity: no sprint has begun yet."
    assert found.svg().startswith(b"<?xml")


def test_a_field_that_does_not_exist_is_named():
    with pytest.raises(FieldError, match="'Points': no issue has such a field"):
        velocity(history(card(1)), points="Points")


def test_estimates_are_compared_with_reality_and_subtasks_count_once():
    cards = [
        card(1, CLOSED, version=1, points=1, estimated_hours=2.0),
        card(2, CLOSED, version=1, points=2, estimated_hours=5.0, parent={"id": 1}),
        card(3, CLOSED, version=1, points=3, estimated_hours=6.0),
        card(4, version=1, points=30, estimated_hours=60.0),
    ]
    entries = [spent(1, 1, 3.0), spent(2, 2, 4.0), spent(3, 2, 1.0), spent(4, 3, 7.0)]

    found = estimates(history(*cards, versions=[sprint(1, 5)], time_entries=entries))

    row = found.table.loc["Sprint 1"]
    assert row[["points", "estimated_hours", "spent_hours"]].tolist() == [6, 13, 15]
    assert row["hours_per_point"] == 2.5
    assert row["spent_to_estimated"] == pytest.approx(15 / 13)
    assert found.facts["correlation of points and spent hours"] == pytest.approx(1.0)
    assert found.facts["correlation of points and estimated hours"] == pytest.approx(
        0.9607689228305228
    )


def test_a_correlation_of_too_few_or_equal_values_is_unknown():
    frames = history(card(1, CLOSED, version=1, points=1), versions=[sprint(1, 5)])

    assert all(math.isnan(value) for value in estimates(frames).facts.values())


FIRST, SECOND = "1", "2"
MOVED = ("fixed_version_id", FIRST, SECOND)


def test_spillover_tells_what_became_of_the_issues_of_a_sprint():
    # Sprint 1 is July 1 to 5, sprint 2 is July 6 to 10.
    cards = [
        card(1, CLOSED, version=1, created="1"),
        card(2, ("3", *MOVED), ("8", "Closed"), version=2, created="1"),
        card(3, ("6 09:00", *MOVED), ("9", "Closed"), version=2, created="1"),
        card(4, ("4", "Rejected"), version=1, created="1"),
        card(5, ("5", "Closed"), version=1, created="3"),
        card(6, ("4", "Closed"), ("7", "In Progress"), version=1, created="1"),
    ]

    found = spillover(
        (frames := history(*cards, versions=[sprint(1, 5), sprint(2, 10)])),
        workflow=Workflow.of(frames, discarded=["Rejected"]),
    )

    assert found.table.loc["Sprint 1"].to_dict() == {
        "committed": 5,
        "added": 1,
        "removed": 2,  # moved to the next sprint, and rejected
        "completed": 3,  # closed at its end, though one was reopened later
        "carried_over": 1,
    }
    assert found.table.loc["Sprint 2"].to_dict() == {
        "committed": 1,
        "added": 1,
        "removed": 0,
        "completed": 2,
        "carried_over": 0,
    }


def test_spillover_needs_due_dates():
    with pytest.raises(FieldError, match="a version whose due date is over"):
        spillover(history(card(1), versions=[sprint(1, None)]))


def test_a_burndown_has_the_scope_and_the_points_of_each_day():
    cards = [
        card(1, ("2 10:00", "Closed"), version=1, points=3, created="1"),
        card(2, ("3 10:00", "points", "5", "8"), version=1, points=8, created="1"),
        card(3, version=1, points=1, created="4 08:00"),
        card(4, ("4 09:00", *MOVED), version=2, points=13, created="1"),
        card(
            5,
            ("2", "Closed"),
            ("5 09:00", "In Progress"),
            version=1,
            points=1,
            created="1",
        ),
    ]
    versions = [sprint(1, 5), sprint(2, 10)]

    table = burndown(history(*cards, versions=versions), "Sprint 1").table

    assert [f"{day:%d}" for day in table.index] == ["30", "01", "02", "03", "04", "05"]
    assert table["scope"].tolist() == [22, 22, 22, 25, 13, 13]
    assert table["done"].tolist() == [0, 1, 4, 4, 4, 3]
    assert table["remaining"].tolist() == [22, 21, 18, 21, 9, 10]
    assert table["ideal"].tolist() == pytest.approx([22, 17.6, 13.2, 8.8, 4.4, 0])


def test_days_that_have_not_come_are_missing_in_a_burnup():
    version = {
        **sprint(1, 1),
        "due_date": "2026-08-02",
        "created_on": "2026-07-30T00:00:00Z",
    }

    found = burnup(
        history(card(1, version=1), versions=[version]), "Sprint 1", points=None
    )

    assert found.table["scope"].isna().tolist() == [False] * 3 + [True] * 2
    assert found.alt_text.startswith("Burnup of Sprint 1: 0 of 1 were done")


def test_a_sprint_without_a_due_date_is_refused_by_name():
    with pytest.raises(FieldError, match="'Sprint 7': no version has this name"):
        burndown(history(versions=[sprint(1, 5), sprint(7, None)]), "Sprint 7")
