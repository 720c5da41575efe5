from __future__ import annotations

import pytest

from tests.testapp.models import Flag, Item


@pytest.mark.django_db
def test_members_come_back_in_the_order_of_their_values():
    item = Item.objects.create(flags=["enhancement", Flag.DOCS, "docs"])

    assert item.flags == [Flag.DOCS, Flag.ENHANCEMENT]
    item.refresh_from_db()
    assert item.flags == [Flag.DOCS, Flag.ENHANCEMENT]
    assert type(item.flags[0]) is Flag
    assert item.get_flags_display() == "Enhancement, Documentation"
    assert Item.objects.get(flags__contains=Flag.DOCS) == item
