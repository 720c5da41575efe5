"""Records: one object each that the files describe, found or to be created."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.setters import Setter
from wagtailimporter.parse.values import Mapping

# How Wagtail's log names what an import does; so its revisions are known again.
ACTION = "wagtailimporter.import"

__all__ = ["ACTION", "Given", "Kind", "Record", "State", "in_order"]


class Kind(NamedTuple):
    """How the report names what it counts."""

    singular: str
    plural: str


@dataclass
class Given:
    """One field that the files change: how, to what, and its targets."""

    setter: Setter
    native: Any
    resolver: Resolver
    before: Any = None  # what is stored, as data, if the run reports differences


@dataclass
class State:
    """What a document says about a page beside its fields.

    Attributes:
        live: whether the page is to be published; None if the file does not say.
        children: the slugs of its children in their order, if the file says so.
        is_absent: the page is to be deleted.
        uid: the translation key that identifies it.
        before: a copy of a page that moves or gets another slug.
    """

    live: bool | None = None
    children: tuple[str, ...] | None = None
    is_absent: bool = False
    uid: uuid.UUID | None = None
    before: Any = None


@dataclass(eq=False)
class Record:
    """An object of the database, and what the files say about it.

    Attributes:
        kind: how the report counts it.
        name: how the report and messages name it.
        source: the mapping that describes it; later ones are merged into it.
        instance: unsaved where the object is to be created.
        identity: the values that it was found by.
        parent: the page above a new page, and its record if it has one.
        read: what the file says, by field name.
        givens: those of `read` that are to be set.
        refused: the fields whose values cannot be read.
        upload: the file that an image or document is made from; of a stored one
            only if its own file is missing.
        is_kept: the object is stored, differs, and is left as it is.
        state: of a page, beside its fields.
        effects: what changes beside the fields, as it was and as it will be.
    """

    kind: Kind
    name: str
    source: Mapping
    instance: Any
    identity: dict[str, Any] = field(default_factory=dict)
    parent: Any = None
    parent_record: Record | None = None
    read: dict[str, Given] = field(default_factory=dict)
    givens: dict[str, Given] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    upload: Any = None
    is_kept: bool = False
    state: State = field(default_factory=State)
    effects: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def keep(self) -> None:
        """Leave the stored object as it is, and remember whether it differs."""
        self.is_kept |= bool(self.givens or self.effects)
        self.givens.clear()
        self.effects.clear()

    @property
    def is_new(self) -> bool:
        """Whether the object is not stored yet."""
        return bool(self.instance._state.adding)

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.is_new or self.givens or self.upload or self.effects)

    def merge(self, other: Mapping) -> None:
        """Add what another mapping says about the same object.

        Raises:
            ImportFailed: the two give one field different values.
        """
        entries, places = self.source.entries, self.source.places
        for name, value in other.entries.items():
            if entries.setdefault(name, value) != value:
                message = (
                    f"'{name}' of {self.name} has another value at"
                    f" {places[name]}; keep one."
                )
                raise ImportFailed.at(other.places[name], message)
            places.setdefault(name, other.places[name])


def in_order(records: list[Record]) -> list[Record]:
    """Return records so that each comes after what it cannot be stored without.

    That is the targets of foreign keys that are NOT NULL, pages apart, whose keys
    are allotted before; apart from that the order stays.

    Raises:
        ImportFailed: records cannot be stored without each other.
    """
    by_instance = {id(record.instance): record for record in records}
    done: dict[int, Record] = {}
    begun: set[int] = set()

    def visit(record: Record) -> None:
        if id(record) in done:
            return
        if id(record) in begun:
            message = f"{record.name} is required by what it requires itself."
            raise ImportFailed.at(record.source.place, message)
        begun.add(id(record))
        for needed in _requirements(record, by_instance):
            visit(needed)
        done[id(record)] = record

    for record in records:
        visit(record)
    return list(done.values())


def _requirements(record: Record, by_instance: dict[int, Record]) -> list[Record]:
    if not record.is_new:
        return []
    targets = [
        by_instance.get(id(target))
        for given in record.givens.values()
        if given.setter.is_required
        for target in given.resolver.targets
    ]
    return [r for r in targets if r is not None and r.is_new]
