"""What an index holds and is asked, without a server: plain data."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from modelsearch.backends.elasticsearchbase import (
    ElasticsearchBaseMapping,
    ElasticsearchBaseSearchQueryCompiler,
)
from modelsearch.query import MATCH_ALL

from choice_array_field.partners.search import (
    condition,
    document,
    facets,
    read_facets,
    token,
)
from tests.shop.models import Flag, Item, Size

WHOLE = document([Flag.DEFECT, Flag.DOCS])["whole"]
UTC = datetime.timezone.utc
MELBOURNE = datetime.timezone(datetime.timedelta(hours=10))


@pytest.mark.parametrize(
    ("one", "same"),
    [
        pytest.param(Flag.DOCS, "docs", id="member"),
        pytest.param(Decimal("1.50"), Decimal("1.5"), id="decimal"),
        pytest.param(Decimal(100), Decimal("1e2"), id="exponent"),
        pytest.param(
            datetime.datetime(2026, 1, 1, 0, tzinfo=UTC),
            datetime.datetime(2026, 1, 1, 10, tzinfo=MELBOURNE),
            id="moment",
        ),
    ],
)
def test_equal_members_have_the_same_text(one, same):
    assert token(one) == token(same)


def test_a_row_has_its_members_and_a_keyword_of_the_whole():
    row = document([Flag.DEFECT, Flag.DOCS])

    assert row == {"members": ["defect", "docs"], "whole": WHOLE}
    assert document(["defect,docs"])["whole"] != WHOLE
    assert document([]) == {"members": [], "whole": document([])["whole"]}
    assert document(None) is None


@pytest.mark.parametrize(
    ("lookup", "value", "query"),
    [
        pytest.param("exact", ["defect", "docs"], {"term": {"f.whole": WHOLE}}),
        pytest.param("in", [["defect", "docs"]], {"terms": {"f.whole": [WHOLE]}}),
        pytest.param("overlap", ["docs"], {"terms": {"f.members": ["docs"]}}),
        pytest.param(
            "contains",
            ["defect", "docs"],
            {
                "bool": {
                    "must": [
                        {"term": {"f.members": "defect"}},
                        {"term": {"f.members": "docs"}},
                    ]
                }
            },
        ),
        pytest.param(
            "contains", [], {"bool": {"must": [{"exists": {"field": "f.whole"}}]}}
        ),
        pytest.param("isnull", False, {"exists": {"field": "f.whole"}}),
        pytest.param(
            "isnull", True, {"bool": {"must_not": {"exists": {"field": "f.whole"}}}}
        ),
        pytest.param("contained_by", ["docs"], None),
    ],
)
def test_a_lookup_asks_for_members_or_for_the_whole(lookup, value, query):
    assert condition("f", lookup, value) == query


def test_counts_are_read_from_what_was_asked_for():
    assert facets("f").keys() == {"members", "none"}
    answer = {
        "members": {"buckets": [{"key": "docs", "doc_count": 2}]},
        "none": {"doc_count": 1},
    }

    assert read_facets(answer) == {"docs": 2, None: 1}
    assert read_facets({**answer, "none": {"doc_count": 0}}) == {"docs": 2}


def test_the_mapping_and_the_document_have_both_keywords():
    mapping = ElasticsearchBaseMapping(Item)
    item = Item(pk=1, title="a", flags=[Flag.DOCS], sizes=[Size.SMALL])

    kinds = mapping.get_mapping()["properties"]["flags_filter"]

    assert kinds["properties"]["whole"] == {"type": "keyword"}
    assert mapping.get_document(item)["flags_filter"] == document([Flag.DOCS])


class Compiler(ElasticsearchBaseSearchQueryCompiler):
    mapping_class = ElasticsearchBaseMapping


def test_a_query_set_becomes_the_query_of_the_index():
    rows = Item.objects.filter(flags__contains=Flag.DOCS).filter(
        sizes__in=[[Size.LARGE, Size.SMALL]]
    )

    filters = str(Compiler(rows, MATCH_ALL).get_filters())

    assert "{'term': {'flags_filter.members': 'docs'}}" in filters
    assert document([Size.SMALL, Size.LARGE])["whole"] in filters
