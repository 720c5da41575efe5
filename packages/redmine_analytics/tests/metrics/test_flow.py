from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redmine_analytics import (
    WorkCalendar,
    Workflow,
    ageing,
    cumulative_flow,
    cycle_times,
    flow_efficiency,
    net_flow,
    throughput,
)
from redmine_analytics.exceptions import FieldError
from redmine_analytics.metrics.workflow import work_items
from tests.histories import NAMES, card, history

# July 2026: the 3rd, 10th and 17th are Fridays.
WORK_DAYS = WorkCalendar("1111100", ["2026-07-14"], "Europe/Berlin")
BACK = [
    ("2", "In Progress"),
    ("4", "New"),
    ("7", "In Progress"),
    ("8", "Closed"),
]


def cycle(frames, calendar=None, **options):
    workflow = Workflow.of(frames, **options)
    items = work_items(frames, workflow, calendar or WorkCalendar())
    return items["cycle_days"].tolist()


@pytest.mark.parametrize(
    ("policy", "days"), [("first", 6), ("restart", 1), ("pause", 3)]
)
def test_the_policy_says_what_a_move_back_does_to_the_clock(policy, days):
    assert cycle(history(card(1, *BACK)), policy=policy) == [days]


@pytest.mark.parametrize(
    ("moves", "days"),
    [
        ([("2", "Waiting"), ("5", "Closed")], 3),  # skips In Progress
        ([("5", "Closed")], 0),  # skips everything
        (
            [
                ("2", "In Progress"),
                ("5", "Closed"),
                ("6", "In Progress"),
                ("9", "Closed"),
            ],
            7,
        ),
        ([("2", "In Progress"), ("5", "Closed"), ("6", "In Progress")], None),
        ([("2", "In Progress"), ("5", "Rejected")], None),
        ([], None),
    ],
)
def test_skipped_states_and_reopened_issues(moves, days):
    [found] = cycle(history(card(1, *moves)), discarded=["Rejected"])

    assert found == days or (days is None and math.isnan(found))


def test_a_deleted_status_counts_as_the_state_before():
    frames = history(card(1, ("2", "In Progress"), ("4", "Waiting"), ("6", "Closed")))
    frames.transitions.loc[2, ["to_status"]] = None
    frames.transitions.loc[3, ["from_status"]] = None

    assert cycle(frames, done=["Closed"]) == [4]


def test_percentiles_and_the_service_level():
    cards = [
        card(n, ("1", "In Progress"), (str(n + 1), "Closed")) for n in range(1, 11)
    ]

    found = cycle_times(history(*cards), percentiles=(50, 85), sle_days=8)

    assert found.facts == {
        "p50": 5.5,
        "p85": pytest.approx(8.65),
        "share within SLE": 0.8,
    }
    assert "85 % took up to 8.6 days" in found.alt_text
    assert list(found.table["days"]) == list(range(1, 11))


def test_the_lead_time_begins_with_the_creation():
    frames = history(card(1, ("4", "In Progress"), ("5", "Closed"), created="2"))

    assert cycle_times(frames, lead=True).table["days"].tolist() == [3]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-07-03T10:00Z", "2026-07-06T10:00Z", 1),  # over a week-end
        ("2026-07-04T01:00Z", "2026-07-05T20:00Z", 0),  # within it
        ("2026-07-13T10:00Z", "2026-07-15T10:00Z", 1),  # over a holiday
        (
            "2026-07-02T23:30Z",
            "2026-07-03T22:00Z",
            22.5 / 24,
        ),  # after midnight in Berlin
        ("2026-03-27T11:00Z", "2026-03-30T10:00Z", 1),  # the clocks go forward
    ],
)
def test_only_working_days_of_the_time_zone_count(start, end, days):
    times = [pd.Series([pd.Timestamp(text)]) for text in (start, end)]

    assert WORK_DAYS.days(*times)[0] == pytest.approx(days)


def test_an_unknown_time_zone_is_an_error_at_once():
    with pytest.raises(Exception, match="Nowhere"):
        WorkCalendar(time_zone="Europe/Nowhere")


def test_cumulative_flow_counts_each_issue_where_it_was():
    frames = history(
        card(
            1,
            ("2 09:00", "In Progress"),
            ("3 09:00", "Closed"),
            ("4 09:00", "In Progress"),
        ),
        card(2, created="2 10:00"),
        card(3, ("3 10:00", "Rejected")),
    )
    workflow = Workflow.of(frames, discarded=["Rejected"])

    table = cumulative_flow(frames, workflow=workflow).table

    assert table.loc["2026-07-01"].tolist() == [2, 0, 0, 0]
    assert table.loc["2026-07-02"].tolist() == [2, 1, 0, 0]
    assert table.loc["2026-07-03"].tolist() == [1, 0, 0, 1]
    assert table.loc["2026-07-04"].tolist() == [1, 1, 0, 0]
    assert table.index[-1] == pd.Timestamp("2026-07-31")


MOVES = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(NAMES)), max_size=6)


@settings(max_examples=25)
@given(st.lists(MOVES, max_size=5))
def test_no_band_is_negative_and_together_they_are_all_issues(moves):
    cards = [
        card(
            n,
            *(
                (f"{day} 12:00", status)
                for day, status in sorted(found, key=lambda m: m[0])
            ),
        )
        for n, found in enumerate(moves, 1)
    ]
    frames = history(*cards)
    workflow = Workflow.of(frames, discarded=["Rejected"])

    table = cumulative_flow(frames, workflow=workflow).table
    items = work_items(frames, workflow)

    assert (table >= 0).all().all()
    if len(cards):
        last = table.iloc[-1]
        assert last.sum() == items["stage"].notna().sum()
        assert last["Closed"] == items["is_done"].sum()
        done = items["finished"].notna()
        assert done.equals(items["is_done"])
        assert (items.loc[done, "cycle_days"] >= 0).all()
        assert (items.loc[done, "cycle_days"] <= items.loc[done, "lead_days"]).all()


def test_work_in_progress_ages_until_the_data_were_read():
    frames = history(
        card(1, ("29 12:00", "In Progress")),
        card(2, ("21 12:00", "In Progress"), ("25", "Waiting")),
        card(3, ("2", "In Progress"), ("5", "Closed")),
        card(4, ("2", "In Progress"), ("5", "Rejected")),
        card(5),
    )

    found = ageing(frames, workflow=Workflow.of(frames, discarded=["Rejected"]))

    assert found.table["age_days"].to_dict() == {2: 10.0, 1: 2.0}
    assert found.facts["p85"] == 3.0
    assert "the oldest is 10.0 days old" in found.alt_text


def test_throughput_and_net_flow_have_every_week():
    frames = history(
        card(1, ("1", "In Progress"), ("3", "Closed")),
        card(2, ("2", "In Progress")),
        card(3, ("20", "In Progress"), ("21", "Closed")),
    )

    assert throughput(frames).table["finished"].tolist() == [1, 0, 0, 1, 0]
    assert net_flow(frames).table["net_flow"].tolist() == [-1, 0, 0, 0, 0]
    assert net_flow(frames).facts["in progress"] == 1


def test_flow_efficiency_leaves_out_the_time_of_waiting():
    frames = history(
        card(1, ("1", "In Progress"), ("4", "Waiting"), ("5", "Closed")),
        card(
            2, ("1", "In Progress"), ("3", "New"), ("4", "In Progress"), ("5", "Closed")
        ),
    )

    found = flow_efficiency(frames, workflow=Workflow.of(frames, waiting=["Waiting"]))

    assert found.table["efficiency"].tolist() == [0.75, 0.75]
    assert found.facts["flow efficiency"] == 0.75


def test_without_an_issue_every_metric_is_empty():
    frames = history()

    for metric in (
        cycle_times,
        cumulative_flow,
        ageing,
        throughput,
        net_flow,
        flow_efficiency,
    ):
        found = metric(frames)
        assert found.table.empty
        assert b"</svg>" in found.svg()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"order": ["New", "Doing"]}, "status 'Doing' does not exist; there are New,"),
        ({"discarded": ["Wontfix"]}, "status 'Wontfix' does not exist"),
        ({"start": "Doing"}, "'Doing' is not in the order: New,"),
        (
            {"waiting": ["Rejected"], "discarded": ["Rejected"]},
            "'Rejected' is not in the order",
        ),
    ],
)
def test_a_status_that_does_not_exist_is_named(options, says):
    with pytest.raises(FieldError, match=says):
        Workflow.of(history(), **options)
