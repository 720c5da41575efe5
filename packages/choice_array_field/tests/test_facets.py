"""Members counted over the rows of a query set."""

from __future__ import annotations

from decimal import Decimal

import pytest

from choice_array_field.partners.facets import count_members, most_first
from tests.shop.models import Box, Flag, Item

pytestmark = pytest.mark.django_db
DEFECT, ENHANCEMENT, DOCS = Flag


def test_members_are_counted_over_any_query_set(items):
    field = Item._meta.get_field("flags")
    queries = [
        Item.objects.filter(title__in="AB"),
        Item.objects.order_by("title")[:2],
        Item.objects.filter(title__in="AB").distinct(),
        Item.objects.filter(title="A") | Item.objects.filter(title="B"),
        Item.objects.filter(title="A").union(Item.objects.filter(title="B")),
    ]

    counts = [count_members(rows, "flags", field) for rows in queries]

    assert counts == [{DEFECT: 2, DOCS: 1}] * len(queries)
    assert all(isinstance(member, Flag) for member in counts[0])


def test_a_row_that_a_relation_joins_twice_counts_once(items):
    Item.objects.update(box=Box.objects.create(name="Tools"))

    counts = count_members(
        Box.objects.all(), "items__flags", Item._meta.get_field("flags")
    )

    assert counts == {DEFECT: 1, DOCS: 1, None: 1}


def test_members_of_every_type_come_back_as_they_are(items):
    counts = count_members(
        Item.objects.all(), "weights", Item._meta.get_field("weights")
    )

    assert counts == {Decimal("1.5"): 1, None: 3}


def test_equal_counts_stand_in_declared_order():
    counts = {None: 1, DOCS: 2, "old": 2, DEFECT: 2, ENHANCEMENT: 3}

    ordered = most_first(counts, Item._meta.get_field("flags"))

    assert list(ordered) == [ENHANCEMENT, DEFECT, DOCS, "old", None]
