"""What may be chosen: values, labels, members, and the one order of a selection.

Functions on values: no field, no setting and no query is known here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import models
from django.utils.choices import (
    CallableChoiceIterator,
    flatten_choices,
    normalize_choices,
)
from django.utils.functional import cached_property

__all__ = ["Choices", "is_value_enum", "value_of"]

# Anyone may send thousands of wrong values. A suggestion costs one look-up per character
# of the value, whatever the number of choices; these bound the index, made once.
NEAREST_LENGTHS = range(3, 61)  # shorter texts all resemble each other
NEAREST_CHOICES = 1000


def value_of(member: Any) -> Any:
    """Return what is stored for an enum member; anything else is itself."""
    return member.value if isinstance(member, enum.Enum) else member


def is_value_enum(source: Any) -> bool:
    """Return whether it is an enum of Django's, or one whose members are their values.

    Such are `enum.StrEnum`, `enum.IntEnum` and `class Colour(str, enum.Enum)`.
    """
    if not (isinstance(source, type) and issubclass(source, enum.Enum)):
        return False
    return issubclass(source, models.Choices) or (
        bool(list(source)) and all(isinstance(m, type(m.value)) for m in source)
    )


def _labelled(source: Any) -> Any:
    """Return the choices of an enum, with the labels that Django would give it."""
    if issubclass(source, models.Choices):
        return source
    return [
        (member.value, member.name.replace("_", " ").title())  # as models.Choices does
        for member in source
    ]


def _unchanged(value: Any) -> Any:
    return value


class Choices:
    """The choices of a field, from any way in which Django takes them.

    Args:
        source: an enum of Django's or of values, pairs, groups of pairs, a mapping, or
            a callable that returns one of them and is called once, here.
        to_python: makes a declared value one of the type that the database returns.
    """

    def __init__(
        self, source: Any, to_python: Callable[[Any], Any] = _unchanged
    ) -> None:
        self.enum: type[enum.Enum] | None = source if is_value_enum(source) else None
        pairs = _labelled(source) if self.enum else source
        self.grouped = _without_empty(_pairs(pairs), to_python)
        self.flat: list[tuple[Any, Any]] = list(flatten_choices(self.grouped))
        members = list(self.enum) if self.enum else [value for value, _ in self.flat]
        self._members = {to_python(value_of(member)): member for member in members}
        self._places = {value: place for place, (value, _) in enumerate(self.flat)}
        self._keys = {str(value): member for value, member in self._members.items()}

    @property
    def values(self) -> list[Any]:
        """Return the stored values in declared order."""
        return list(self._places)

    def __contains__(self, value: object) -> bool:
        try:
            return value_of(value) in self._members
        except TypeError:  # unhashable, so no choice
            return False

    def __len__(self) -> int:
        return len(self._places)

    def label(self, value: Any) -> str:
        """Return the label of a value, and the text of one outside the choices."""
        value = value_of(value)
        return str(self.flat[self._places[value]][1] if value in self else value)

    def member(self, value: Any) -> Any:
        """Return the enum's member, or the declared value; others are unchanged."""
        return self._members[value_of(value)] if value in self else value

    def from_key(self, key: Any) -> Any:
        """Return the member whose value has this text, as in a submitted form.

        Raises:
            KeyError: no choice has it.
        """
        return self._keys[key]

    def key(self, value: Any) -> str:
        """Return the text that stands for a value in a form."""
        return str(value_of(self.member(value)))

    def canonical(self, values: Iterable[Any]) -> list[Any]:
        """Return the members without duplicates, in the order of their values.

        That order, unlike the declared one, survives a reordered enum, so equal
        selections stay equal arrays. Values outside the choices take their place in
        it too; None comes last.
        """
        chosen = {value_of(value): None for value in values}
        members = self._members
        return [members.get(value, value) for value in _in_order(chosen)]

    def display_order(self, values: Iterable[Any]) -> list[Any]:
        """Return the values in declared order; those outside the choices are last."""
        places, last = self._places, len(self._places)

        def place(value: Any) -> int:
            return places[value_of(value)] if value in self else last

        return sorted(values, key=place)

    def nearest(self, value: Any) -> Any:
        """Return the declared value that one edit makes of this one, or None.

        An edit inserts, removes or replaces a character, swaps two, or changes the case.
        """
        text = str(value_of(value)) if isinstance(value, str | int | float) else ""
        found = (self._by_edit.get(edit) for edit in _edits(text))
        return next((near for near in found if near is not None), None)

    @cached_property
    def _by_edit(self) -> dict[str, Any]:
        """Return the values by their texts without one character: see SymSpell."""
        by_edit: dict[str, Any] = {}
        for text, member in islice(self._keys.items(), NEAREST_CHOICES):
            for edit in _edits(text):
                by_edit.setdefault(edit, value_of(member))
        return by_edit


def _edits(text: str) -> Iterator[str]:
    """Return a text in lower case, and the same without each of its characters."""
    if len(text) in NEAREST_LENGTHS:
        text = text.casefold()
        yield text
        for place in range(len(text)):
            yield text[:place] + text[place + 1 :]


def _pairs(source: Any) -> list[Any]:
    """Return the choices as Django makes them, or none where they are malformed."""
    choices = normalize_choices(source)
    if isinstance(choices, CallableChoiceIterator):
        choices = list(choices)
    if not isinstance(choices, list | tuple):
        return []
    well_formed = all(isinstance(c, list | tuple) and len(c) == 2 for c in choices)
    groups = [c[1] for c in choices if well_formed and isinstance(c[1], list | tuple)]
    well_formed = well_formed and all(_pairs(group) for group in groups if group)
    return list(choices) if well_formed else []


def _without_empty(choices: list[Any], to_python: Callable[[Any], Any]) -> list[Any]:
    """Leave out what stands for no choice: no selection is the empty array."""
    kept: list[Any] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            kept.append((value, _without_empty(list(label), to_python)))
        elif value is not None:
            kept.append((to_python(value_of(value)), label))
    return kept


def _in_order(values: Collection[Any]) -> list[Any]:
    present = [value for value in values if value is not None]
    absent = [value for value in values if value is None]
    try:
        present.sort()
    except TypeError:  # values of several types, as a foreign writer may leave them
        present.sort(key=str)
    return present + absent
