"""Read by mypy --strict only: an unused ignore is an error there."""

from __future__ import annotations

from typing_extensions import assert_type

from .models import Flag, Item, Price, Size


def reads(item: Item) -> None:
    assert_type(item.flags, list[Flag])
    assert_type(item.perhaps, list[Flag] | None)
    assert_type(item.sizes, list[Size])
    assert_type(item.prices, list[Price])
    assert_type(item.words, list[str])
    assert_type(item.numbers, list[int] | None)
    assert_type(item.get_flags_display(), str)
    assert_type(item.get_numbers_display(), str)
    assert_type(item.flags[0].label, str)


def sets(item: Item, flags: list[Flag], texts: list[str], some: set[Flag]) -> None:
    item.flags = [Flag.DOCS]
    item.flags = [Flag.DOCS, "defect"]
    item.flags = ["defect"]
    item.flags = []
    item.flags = flags
    item.flags = texts
    item.flags = some
    item.flags = (Flag.DOCS, "defect")
    item.flags = {Flag.DOCS, "defect"}
    item.flags = frozenset(flags)
    item.flags = (flag for flag in Flag)
    item.perhaps = None
    item.sizes = [Size.SMALL, 1]
    item.words = ["docs"]
    item.numbers = (1, 2)
    Item(flags=[Flag.DOCS], perhaps=None, sizes={1})
    Item.objects.create(flags=("docs",))


def refuses(item: Item) -> None:
    item.flags = "docs"  # type: ignore[assignment]
    item.flags = Flag.DOCS  # type: ignore[assignment]
    item.flags = [1]  # type: ignore[list-item]
    item.flags = None  # type: ignore[assignment]
    item.words = "docs"  # type: ignore[assignment]
    item.sizes = ["small"]  # type: ignore[list-item]
    Item(flags="docs")  # type: ignore[misc]
