from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db.models import F, Q
from modelsearch.backends import get_search_backend
from modelsearch.backends.base import FilterError, FilterFieldError
from modelsearch.backends.elasticsearchbase import (
    ElasticsearchBaseMapping,
    ElasticsearchBaseSearchQueryCompiler,
    ElasticsearchBaseSearchResults,
)
from modelsearch.index import FilterField
from modelsearch.query import MATCH_ALL

from choice_array_field.partners import modelsearch as modelsearch_private
from choice_array_field.partners.search import document, token
from tests.shop.models import DAYS, HOURS, Box, Flag, Item, Size

DEFECT, ENHANCEMENT, DOCS = Flag
SPRING, AUTUMN = (pairs[0][0] for _, pairs in DAYS)
MORNING, EVENING = (hour for hour, _ in HOURS)
MELBOURNE = datetime.timezone(datetime.timedelta(hours=10))


@pytest.fixture
def items(db):
    tools, toys = Box.objects.bulk_create([Box(name="tools"), Box(name="toys")])
    made = [
        Item(title="a", flags=[DEFECT], sizes=[Size.SMALL], box=tools),
        Item(title="b", flags=[DOCS, DEFECT], sizes=[], box=toys, weights=["1.50"]),
        Item(title="c", flags=[DOCS], sizes=[Size.LARGE, Size.MIDDLE], box=tools),
        Item(title="d", days=[AUTUMN], hours=[EVENING], loose=["old", DOCS]),
        Item(title="e", flags=Flag, hours=[MORNING, EVENING], weights=[12]),
    ]
    return Item.objects.bulk_create(made)


@pytest.fixture
def search(items, back_end):
    """Return a function that gives the titles found, in their order."""
    fill(Item, Box)

    def search(*conditions, words=MATCH_ALL, **lookups):
        found = Item.objects.filter(*conditions, **lookups).order_by("title")
        results = get_search_backend().search(words, found, order_by_relevance=False)
        titles = [item.title for item in results]
        assert results.count() == len(titles)
        return "".join(titles)

    return search


def fill(*models):
    backend = get_search_backend()
    if backend.rebuilder_class is None:
        return
    for model in models:
        rebuilder = backend.rebuilder_class(backend.get_index_for_model(model))
        index = rebuilder.start()
        index.add_model(model)
        index.add_items(model, list(model.objects.all()))
        rebuilder.finish()


def facet(name, queryset=None, words=MATCH_ALL):
    queryset = Item.objects.all() if queryset is None else queryset
    return list(get_search_backend().search(words, queryset).facet(name).items())


CASES = {
    "contains one": (Q(flags__contains=[DOCS]), "bce"),
    "contains a scalar": (Q(flags__contains=DOCS), "bce"),
    "contains the value": (Q(flags__contains=["docs"]), "bce"),
    "contains two": (Q(flags__contains=[DOCS, DEFECT]), "be"),
    "contains nothing": (Q(flags__contains=[]), "abcde"),
    "contains nothing, not null": (Q(sizes__contains=[]), "abc"),
    "contains what no row has": (Q(loose__contains=["other"]), ""),
    "contains what is no choice": (Q(loose__contains=["old"]), "d"),
    "overlap": (Q(flags__overlap=[DOCS, ENHANCEMENT]), "bce"),
    "overlap nothing": (Q(flags__overlap=[]), ""),
    "exact": (Q(flags=[DEFECT, DOCS]), "b"),
    "exact in another order": (Q(flags=[DOCS, DEFECT, DOCS]), "b"),
    "exact empty": (Q(flags=[]), "d"),
    "exact with an old value": (Q(loose=[DOCS, "old"]), "d"),
    "in": (Q(flags__in=[[DEFECT], [DOCS, DEFECT]]), "ab"),
    "in with the empty": (Q(flags__in=[[], [DOCS]]), "cd"),
    "isnull": (Q(sizes__isnull=True), "de"),
    "not isnull": (Q(sizes__isnull=False), "abc"),
    "exact None": (Q(sizes=None), "de"),
    "not contains": (~Q(flags__contains=[DOCS]), "ad"),
    "not contains, null": (~Q(sizes__contains=[Size.SMALL]), "bcde"),
    "not overlap": (~Q(flags__overlap=[DOCS, ENHANCEMENT]), "ad"),
    "not exact": (~Q(flags=[DOCS]), "abde"),
    "or": (Q(flags=[]) | Q(sizes__contains=Size.LARGE), "cd"),
    "and": (Q(flags__contains=DOCS) & Q(hours__contains=MORNING), "e"),
    "number": (Q(sizes__overlap=[3, 1]), "ac"),
    "decimal": (Q(weights__contains=[Decimal("1.5")]), "b"),
    "decimal with other digits": (Q(weights__overlap=["1.500", "12.0"]), "be"),
    "exact decimals": (Q(weights=[12]), "e"),
    "date": (Q(days=[AUTUMN]), "d"),
    "time elsewhere": (Q(hours__contains=EVENING.astimezone(MELBOURNE)), "de"),
    "through a relation": (Q(box__name="tools", flags__contains=DEFECT), "a"),
    "subquery": (Q(flags__in=Item.objects.filter(title="c").values("flags")), "c"),
}  # fmt: skip


def test_every_back_end_answers_as_the_orm_does(search):
    answers = {case: search(condition) for case, (condition, _) in CASES.items()}

    assert answers == {case: titles for case, (_, titles) in CASES.items()}
    for condition, titles in CASES.values():
        orm = Item.objects.filter(condition).values_list("title", flat=True)
        assert "".join(orm) == titles


def test_words_and_members_go_together(search):
    assert search(flags__contains=DEFECT, words="b") == "b"
    assert search(flags__contains=DEFECT, words="c") == ""


def test_members_of_related_objects_filter(search):
    boxes = Box.objects.filter(items__flags__contains=[DOCS, DEFECT])

    found = get_search_backend().search(MATCH_ALL, boxes)

    assert [box.name for box in found] == ["toys"]


def test_facets_count_members_and_what_has_none(search):
    assert facet("flags") == [(DEFECT, 3), (DOCS, 3), (ENHANCEMENT, 1), (None, 1)]
    assert all(isinstance(member, Flag) for member, _ in facet("flags")[:-1])


def test_facets_follow_the_words_and_the_filters(search):
    some = Item.objects.filter(flags__contains=DOCS, sizes__isnull=False)

    assert facet("flags", some) == [(DOCS, 2), (DEFECT, 1)]
    assert facet("flags", words="a") == [(DEFECT, 1)]
    assert facet("flags", some, words="zebra") == []


def test_facets_have_members_of_every_type(search):
    assert facet("sizes") == [
        (None, 3),
        (Size.SMALL, 1),
        (Size.LARGE, 1),
        (Size.MIDDLE, 1),
    ]
    assert facet("weights") == [(None, 3), (Decimal("1.5"), 1), (Decimal(12), 1)]
    assert facet("days") == [(None, 4), (AUTUMN, 1)]
    assert facet("hours") == [(None, 3), (EVENING, 2), (MORNING, 1)]


def test_facets_count_what_is_no_choice(search):
    assert facet("loose") == [(None, 4), (DOCS, 1), ("old", 1)]


def test_facets_of_other_fields_are_as_before(search):
    assert dict(facet("title")) == dict.fromkeys("abcde", 1)


def test_a_facet_without_a_filter_field_is_refused_as_before(search):
    with pytest.raises(FilterFieldError, match="FilterField"):
        facet("box")


def test_a_changed_object_is_found_anew(search, items):
    item = items[0]
    item.flags = [ENHANCEMENT]

    item.save()
    fill(Item)

    assert search(flags=[ENHANCEMENT]) == "a"


@pytest.mark.elasticsearch
@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        pytest.param(Q(flags__contained_by=[DOCS]), "not recognised", id="lookup"),
        pytest.param(Q(flags__contains=F("loose")), "give a list", id="column"),
        pytest.param(Q(flags__contains=[F("title")]), "give a member", id="member"),
    ],
)
def test_what_an_index_cannot_compare_is_said(
    items, elasticsearch, condition, complaint
):
    fill(Item)
    found = get_search_backend().search(MATCH_ALL, Item.objects.filter(condition))

    with pytest.raises(FilterError, match=complaint):
        list(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(Decimal("1.5"), Decimal("1.50"), id="decimal"),
        pytest.param(Decimal(12), Decimal("1.2E+1"), id="exponent"),
        pytest.param(EVENING, EVENING.astimezone(MELBOURNE), id="time zone"),
        pytest.param(DOCS, "docs", id="text"),
        pytest.param(Size.LARGE, 3, id="number"),
    ],
)
def test_equal_members_have_equal_text(one, other):
    assert token(one) == token(other)


def test_no_value_differs_from_an_empty_one():
    assert document(None) is None
    assert document([])["whole"]
    assert document([])["members"] == []


def test_values_that_read_alike_are_kept_apart():
    whole = {document(value)["whole"] for value in (["a", "b"], ["a, b"], ['a","b'])}

    assert len(whole) == 3


def test_what_is_replaced_in_modelsearch_is_there_and_replaced_once():
    replaced = [
        (ElasticsearchBaseMapping, "get_field_mapping"),
        (ElasticsearchBaseMapping, "_get_document_field_data"),
        (ElasticsearchBaseSearchQueryCompiler, "_process_lookup"),
        (ElasticsearchBaseSearchResults, "facet"),
    ]
    before = [getattr(owner, name) for owner, name in replaced]

    modelsearch_private.install()

    assert [getattr(owner, name) for owner, name in replaced] == before
    assert all(method.of_choice_arrays for method in before)
    assert not any(hasattr(m.__wrapped__, "of_choice_arrays") for m in before)


def test_an_index_has_members_and_the_whole_as_keywords():
    mapping = ElasticsearchBaseMapping(Item)

    name, of_flags = mapping.get_field_mapping(FilterField("flags"))

    assert name == "flags_filter"
    assert of_flags["properties"] == {
        "members": {"type": "keyword"},
        "whole": {"type": "keyword"},
    }
    assert mapping.get_field_mapping(FilterField("title"))[1] == {"type": "keyword"}
