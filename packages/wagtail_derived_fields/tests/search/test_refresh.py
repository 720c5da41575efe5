"""What the clock and related rows change is indexed again; plain fields keep their kind."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import override_settings
from modelsearch import index
from modelsearch.backends import get_search_backend
from modelsearch.backends.base import FilterFieldError, OrderByFieldError
from modelsearch.query import MATCH_ALL

from tests.conftest import DATABASE
from tests.testapp.models import Notice, Tag

UTC = datetime.timezone.utc
MADE_AT = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def notices(db):
    rows = [
        Notice(name="a", made_at=MADE_AT, opens=datetime.time(9, 30), price="1.50"),
        Notice(name="b", made_at=MADE_AT, price=None, is_public=True),
        Notice(name="c", made_at=MADE_AT, opens=datetime.time(8), price=0),
    ]
    for row in rows:
        row.save()
    return rows


@pytest.fixture
def indexed(monkeypatch):
    """The names of what is indexed, in order."""
    names = []
    monkeypatch.setattr(
        index, "insert_or_update_object", lambda instance: names.append(instance.name)
    )
    return names


def test_what_follows_the_clock_is_indexed_again(notices, capsys, settings):
    settings.MODELSEARCH_BACKENDS = {"default": DATABASE}

    call_command("refresh_derived_fields", batch_size=2)

    assert capsys.readouterr().out == "default: testapp.Notice: 3\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda notice, tag: notice.tags.add(tag),
        lambda notice, tag: tag.notices.add(notice),
        lambda notice, tag: notice.tags.set([tag]),
    ],
)
def test_a_relation_that_changes_indexes_its_instance(
    change, notices, indexed, django_capture_on_commit_callbacks
):
    tag = Tag.objects.create(name="x")

    with django_capture_on_commit_callbacks(execute=True):
        change(notices[1], tag)

    assert set(indexed) == {"b"}
    assert Notice.objects.get(tag_count=1) == notices[1]


def test_a_row_that_is_renamed_or_deleted_indexes_its_instances(
    notices, indexed, django_capture_on_commit_callbacks
):
    tag = Tag.objects.create(name="x")
    tag.notices.set(notices[:2])
    with django_capture_on_commit_callbacks(execute=True):
        tag.save()
    assert sorted(indexed) == ["a", "b"]
    indexed.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tag.delete()
    assert set(indexed) == {"a", "b"}


@pytest.fixture
def both(notices, elasticsearch_backend, request):
    backends = {"default": DATABASE, "es": elasticsearch_backend}
    with override_settings(MODELSEARCH_BACKENDS=backends):
        found = [get_search_backend(name) for name in backends]
        rebuilder = found[1].rebuilder_class(found[1].get_index_for_model(Notice))
        rebuilder.start().add_items(Notice, notices)
        rebuilder.finish()
        yield found


@pytest.mark.elasticsearch
@pytest.mark.parametrize(
    "name", ["price", "opens", "is_public", "tag_count", "made_on"]
)
def test_facets_of_every_kind_are_those_of_the_database(name, both):
    stock, ours = (backend.search(MATCH_ALL, Notice).facet(name) for backend in both)

    assert list(ours.items()) == list(stock.items())
    assert [type(key) for key in ours] == [type(key) for key in stock]


@pytest.mark.elasticsearch
def test_values_are_found_to_the_microsecond(both):
    later = MADE_AT + datetime.timedelta(microseconds=1)
    for backend in both:
        assert (
            backend.search(MATCH_ALL, Notice.objects.filter(made_on=MADE_AT)).count()
            == 3
        )
        assert not backend.search(MATCH_ALL, Notice.objects.filter(made_on__gte=later))


@pytest.mark.elasticsearch
def test_meta_ordering_is_the_order(both):
    for backend in both:
        found = backend.search(MATCH_ALL, Notice, order_by_relevance=False)
        assert [notice.price for notice in found] == [Decimal(0), Decimal("1.5"), None]


@pytest.mark.elasticsearch
def test_what_is_not_a_field_is_left_to_modelsearch(both):
    _, ours = both

    facet = ours.search(MATCH_ALL, Notice).facet("shout")
    assert set(facet) == {"A", "B", "C"}
    with pytest.raises(FilterFieldError, match="facet"):
        ours.search(MATCH_ALL, Notice).facet("nothing")
    with pytest.raises(OrderByFieldError, match="name"):
        ours.search(
            MATCH_ALL, Notice.objects.order_by("name"), order_by_relevance=False
        )
