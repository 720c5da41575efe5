"""Every mode against a plain dictionary of rows."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models.signals import post_save
from hypothesis import given, settings
from hypothesis import strategies as st

from loaddata_stdin.exceptions import ObjectIntegrityError

from .test_keys_property import counted
from .test_load import one
from .test_modes import loaded
from .testapp.models import Item

DEFAULTS = {"text": "plain", "slug": "", "whole": None}
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from("abc"),
        "slug": st.sampled_from("xyz"),
        "whole": st.none() | st.integers(0, 2),
    },
)
OBJECTS = st.lists(st.tuples(st.integers(1, 4), FIELDS), max_size=8)
CONFLICTS = st.sampled_from(["update", "ignore", "error"])


def expected(before, objects, *, on_conflict, is_patch, deletes_missing):
    """Return the rows after a load; None: it is refused."""
    rows, seen = dict(before), set()
    for key, fields in objects:
        if key in rows and on_conflict == "error":
            return None
        if key not in rows or on_conflict == "update":
            start = rows.get(key, DEFAULTS) if is_patch else DEFAULTS
            rows[key] = {**start, **fields}
        seen.add(key)
    if deletes_missing and seen:
        rows = {key: row for key, row in rows.items() if key in seen}
    return rows


def table(using):
    query = Item.objects.using(using).order_by("pk")
    return {row["pk"]: row for row in query.values("pk", *DEFAULTS)}


def receive(sender, **kwargs):
    pass


@pytest.mark.django_db(databases=["default", "sqlite"])
@pytest.mark.parametrize("using", ["default", "sqlite"])
@pytest.mark.parametrize("is_single", [False, True], ids=["bulk", "one by one"])
@settings(max_examples=40)
@given(
    before=st.dictionaries(st.integers(1, 4), FIELDS, max_size=4),
    objects=OBJECTS,
    on_conflict=CONFLICTS,
    is_patch=st.booleans(),
    deletes_missing=st.booleans(),
)
def test_the_table_is_what_the_mode_makes_of_it(
    using, is_single, before, objects, **modes
):
    before = {key: {**DEFAULTS, **fields} for key, fields in before.items()}
    wanted = expected(before, objects, **modes)
    stream = [one("item", key, **fields) for key, fields in objects]
    # The model of the mode knows one table; the stream must not be empty.
    stream.append(one("cell", [1, 1]))
    if is_single:
        post_save.connect(receive, sender=Item)
    try:
        with transaction.atomic(using=using):
            Item.objects.using(using).bulk_create(
                Item(pk=key, **fields) for key, fields in before.items()
            )
            if wanted is None:
                with pytest.raises(ObjectIntegrityError):
                    loaded(stream, using, **modes)
                wanted = before
            else:
                report = loaded(stream, using, **modes)
                counts = sum(map(counted, report.models.values()))
                assert counts == report.loaded == report.read
            found = table(using)
            transaction.set_rollback(True, using=using)
    finally:
        post_save.disconnect(receive, sender=Item)

    assert found == {key: {"pk": key, **row} for key, row in wanted.items()}
