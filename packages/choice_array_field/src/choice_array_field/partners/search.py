"""What a search index holds of a field, and what is asked of it; plain data only.

Elasticsearch knows no arrays: `term` on a list means membership. So the whole value,
in its one canonical order, has a keyword of its own beside those of the members:

    {"members": ["defect", "docs"], "whole": "<digest>"}

Every member is text, whatever its type: an index compares them for equality only, and
text neither rounds a decimal nor shifts a time.
"""

from __future__ import annotations

import datetime
import decimal
import hashlib
import json
from collections.abc import Iterable
from enum import Enum
from typing import Any

__all__ = ["MAPPING", "condition", "document", "facets", "read_facets", "token"]

MAPPING = {
    "type": "object",
    "properties": {"members": {"type": "keyword"}, "whole": {"type": "keyword"}},
}
# More than any list of choices has, and below what a server refuses.
_MOST_BUCKETS = 10_000


def token(value: Any) -> str:
    """Return the text of a member: equal members have equal text."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, decimal.Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime.datetime) and value.tzinfo:
        value = value.astimezone(datetime.timezone.utc)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _whole(members: Iterable[Any]) -> str:
    """Return the keyword of a whole value; a digest, as keywords have a longest."""
    text = json.dumps([token(member) for member in members])
    return hashlib.sha256(text.encode()).hexdigest()


def document(members: Iterable[Any] | None) -> dict[str, Any] | None:
    """Return what is indexed of a canonical value; None for NULL."""
    if members is None:
        return None
    members = list(members)
    return {"members": [token(each) for each in members], "whole": _whole(members)}


def condition(column: str, lookup: str, value: Any) -> dict[str, Any] | None:
    """Return the query of a lookup; None for a lookup that is not known.

    Args:
        column: the name in the index.
        lookup: such as "contains".
        value: canonical members; a list of those for "in", a boolean for "isnull".
    """
    members, whole = f"{column}.members", f"{column}.whole"
    if lookup == "isnull":
        return _not(_exists(whole)) if value else _exists(whole)
    if lookup == "exact":
        return {"term": {whole: _whole(value)}}
    if lookup == "in":
        return {"terms": {whole: [_whole(each) for each in value]}}
    if lookup == "overlap":
        return {"terms": {members: [token(each) for each in value]}}
    if lookup == "contains":
        terms = [{"term": {members: token(each)}} for each in value]
        # Every value contains nothing, but NULL does not.
        return {"bool": {"must": terms or [_exists(whole)]}}
    return None


def _exists(column: str) -> dict[str, Any]:
    return {"exists": {"field": column}}


def _not(query: dict[str, Any]) -> dict[str, Any]:
    return {"bool": {"must_not": query}}


def facets(column: str) -> dict[str, Any]:
    """Return the aggregations that count members, and what holds none."""
    members = f"{column}.members"
    return {
        "members": {"terms": {"field": members, "size": _MOST_BUCKETS}},
        "none": {"missing": {"field": members}},
    }


def read_facets(aggregations: Any) -> dict[str | None, int]:
    """Return the counts that a server answered to `facets`, by the text of members."""
    counts: dict[str | None, int] = {
        bucket["key"]: bucket["doc_count"]
        for bucket in aggregations["members"]["buckets"]
    }
    if aggregations["none"]["doc_count"]:
        counts[None] = aggregations["none"]["doc_count"]
    return counts
