"""The operations that lead from the types of one state to those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import product
from typing import Any

from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState
from django.db.models import Field

from postgres_composite_types.operations import (
    AddAttribute,
    AdoptCompositeType,
    AlterAttribute,
    AlterCompositeTypeOptions,
    CreateCompositeType,
    DeleteCompositeType,
    MoveCompositeType,
    RemoveAttribute,
    RenameAttribute,
    RenameCompositeType,
)
from postgres_composite_types.operations.base import TypeOperation
from postgres_composite_types.schema.state import Key, TypeState, types_in, used_by


@dataclass
class TypeDiff:
    """Compares the types of two states.

    Args:
        from_state: The state before; its types change as operations are found.
        to_state: The state to reach.
        questioner: Answers what could have been renamed.
        deconstruct: Returns what makes two fields equal.
        is_migrated: Returns whether an app has migrations; others are left alone.
    """

    from_state: ProjectState
    to_state: ProjectState
    questioner: MigrationQuestioner
    deconstruct: Callable[[Any], Any]
    is_migrated: Callable[[str], bool]

    def operations(self) -> Iterator[tuple[str, TypeOperation]]:
        """Yield the operations with their apps, in an order that works in one app.

        While one is looked at, `from_state` is the state before it.
        """
        for app_label, operation in self._operations():
            yield app_label, operation
            operation.state_forwards(app_label, self.from_state)

    def _operations(self) -> Iterator[tuple[str, TypeOperation]]:
        yield from self._renamed_types()
        for key in self._in_order_of_use(self._new - self._old):
            yield key[0], CreateCompositeType.from_state(types_in(self.to_state)[key])
        for key in self._in_order_of_use(self._new & self._old):
            for operation in self._changes(key):
                yield key[0], operation
        for key in reversed(self._in_order_of_use(self._old - self._new)):
            yield key[0], DeleteCompositeType(types_in(self.from_state)[key].name)

    @property
    def _old(self) -> set[Key]:
        return {key for key in types_in(self.from_state) if self.is_migrated(key[0])}

    @property
    def _new(self) -> set[Key]:
        return {key for key in types_in(self.to_state) if self.is_migrated(key[0])}

    def _renamed_types(self) -> Iterator[tuple[str, TypeOperation]]:
        for new_key in sorted(self._new - self._old):
            for old_key in sorted(self._old - self._new):
                old = types_in(self.from_state)[old_key]
                new = types_in(self.to_state)[new_key]
                if self._is_renamed(old, new):
                    if old.app_label != new.app_label:
                        yield new.app_label, AdoptCompositeType(old.name, old.app_label)
                    if old.name_lower != new.name_lower:
                        yield new.app_label, RenameCompositeType(old.name, new.name)
                    break

    def _is_renamed(self, old: TypeState, new: TypeState) -> bool:
        if (old.schema, old.db_type) == (new.schema, new.db_type):
            return True  # The database cannot hold both, so there is nothing to ask.
        # As for models: their fields tell, whatever the names of these.
        members = [list(each.members.values()) for each in (old, new)]
        if old.app_label != new.app_label or (
            self.deconstruct(members[0]) != self.deconstruct(members[1])
        ):
            return False
        return self.questioner.ask_rename_model(old, new)  # type: ignore[arg-type]  # asks for its names only

    def _changes(self, key: Key) -> Iterator[TypeOperation]:
        old, new = types_in(self.from_state)[key], types_in(self.to_state)[key]
        if old.managed != new.managed:
            yield AlterCompositeTypeOptions(new.name, new.managed)
        if (old.schema, old.db_type) != (new.schema, new.db_type):
            yield MoveCompositeType(new.name, new.db_type, new.schema)
        for old_name, new_name in self._renamed_members(old, new):
            yield RenameAttribute(new.name, old_name, new_name)
        members = types_in(self.from_state)[key].members
        for name in [name for name in members if name not in new.members]:
            yield RemoveAttribute(new.name, name)
        for name, field in new.members.items():
            if name not in members:
                yield AddAttribute(new.name, name, field)
            elif self.deconstruct(members[name]) != self.deconstruct(field):
                yield AlterAttribute(new.name, name, field)

    def _renamed_members(
        self, old: TypeState, new: TypeState
    ) -> Iterator[tuple[str, str]]:
        gone = [name for name in old.members if name not in new.members]
        came = [name for name in new.members if name not in old.members]

        def distance(pair: tuple[str, str]) -> int:
            before, after = old.members[pair[1]], new.members[pair[0]]
            if self._is_same(before, after, pair[1]):
                return 0
            return 1 if before.get_internal_type() == after.get_internal_type() else 2

        for new_name, old_name in sorted(product(came, gone), key=distance):
            if (new_name in came and old_name in gone) and self.questioner.ask_rename(
                new.name, old_name, new_name, new.members[new_name]
            ):
                came.remove(new_name)
                gone.remove(old_name)
                yield old_name, new_name

    def _is_same(
        self, old: Field[Any, Any], new: Field[Any, Any], old_name: str
    ) -> bool:
        path, args, kwargs = self.deconstruct(old)
        column = old.db_column or old_name
        return self.deconstruct(new) in (
            (path, args, kwargs),
            (path, args, {**kwargs, "db_column": column}),
        )

    def _in_order_of_use(self, keys: set[Key]) -> list[Key]:
        """Return the types, those that others contain first."""
        known = {**types_in(self.from_state), **types_in(self.to_state)}
        uses = {key: sorted(used_by(known[key].members)) for key in sorted(keys)}
        return [key for key in TopologicalSorter(uses).static_order() if key in keys]
