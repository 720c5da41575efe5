"""What saving one object changes."""

from __future__ import annotations

from typing import Any

from django.db import models

from loaddata_stdin.one_by_one.row_lookup import look_of
from loaddata_stdin.report import Counts
from loaddata_stdin.write.differences import Differences

__all__ = ["Change"]

# Any in this module: Django's deserialised objects, and values of fields.


class Change:
    """A row, and what its many-to-many fields list, before and after it is saved.

    Attributes:
        before: the values of the row by field; None: there was none.
    """

    def __init__(self, made: Any, using: str, number: int) -> None:
        """Look at what is there.

        Args:
            made: a deserialised object.
            using: the alias of the database.
            number: of the object in the stream.
        """
        self._number = number
        self._row: models.Model = made.object
        self._using = using
        deferred = [field.name for field in made.deferred_fields or ()]
        self._names = [*(made.m2m_data or ()), *deferred]
        self.before = self._values()
        self._lists = self._listed() if self.before else {}
        self._kind = ""

    def _values(self) -> dict[str, Any] | None:
        if self._row.pk is None:
            return None
        return look_of(type(self._row), self._using).values(self._row.pk)

    def _listed(self) -> dict[str, set[Any]]:
        """Return the keys of what the many-to-many fields list."""
        found = {}
        for name in self._names:
            field: Any = self._row._meta.get_field(name)
            if field.many_to_many:
                through = field.remote_field.through._base_manager.using(self._using)
                rows = through.filter(**{field.m2m_field_name(): self._row.pk})
                target = field.m2m_reverse_field_name()
                found[name] = set(rows.values_list(target, flat=True))
        return found

    def is_needless(self, made: Any) -> bool:
        """Return whether the row, and what it lists, is as the object says already."""
        if self.before is None or made.deferred_fields:
            return False
        lists = {name: set(keys) for name, keys in (made.m2m_data or {}).items()}
        return lists == self._lists and all(
            _is_same(value, getattr(self._row, name))
            for name, value in self.before.items()
        )

    def count(
        self, counts: Counts, differences: Differences | None, *, is_asked: bool
    ) -> None:
        """Count what is there now, and say what is new; again, after more has changed.

        Args:
            counts: of the model.
            differences: says what is new; None: nobody asks.
            is_asked: whether anybody asks which rows are as they were.
        """
        if not differences and (self.before is None or not is_asked):
            # Nobody asks for the values of the row now.
            kind = "created" if self.before is None else "updated"
            if not self._kind:
                setattr(counts, kind, getattr(counts, kind) + 1)
            self._kind = kind
            return
        after, lists = self._values(), self._listed()
        is_same = after == self.before and not any(self._moved(lists).values())
        if not self._kind:
            is_new = self.before is None
            self._kind = "created" if is_new else "unchanged" if is_same else "updated"
            setattr(counts, self._kind, getattr(counts, self._kind) + 1)
        elif self._kind == "unchanged" and not is_same:
            self._kind = "updated"
            counts.unchanged -= 1
            counts.updated += 1
        if differences:
            self._say(after or {}, lists, differences)
        self.before, self._lists = after, lists

    def _moved(self, lists: dict[str, set[Any]]) -> dict[str, list[tuple[str, Any]]]:
        """Return by field what is listed now, and no longer."""
        return {
            name: [
                *(("+", key) for key in sorted(now - self._lists.get(name, set()))),
                *(("-", key) for key in sorted(self._lists.get(name, set()) - now)),
            ]
            for name, now in lists.items()
        }

    def _say(
        self,
        after: dict[str, Any],
        lists: dict[str, set[Any]],
        differences: Differences,
    ) -> None:
        label = self._row._meta.label_lower
        key = differences.hidden(self._number, [self._row.pk])
        if self.before is None:
            differences.created(label, key)
        elif after != self.before:
            names = [field.name for field in self._row._meta.local_concrete_fields]
            values = list(self.before.values()), list(after.values())
            is_secret = differences.has_secret(self._number)
            differences.updated(label, key, names, values, is_secret=is_secret)
        owner = self._number, [self._row.pk]
        for name, changes in self._moved(lists).items():
            for change in changes:
                differences.related(label, owner, name, change)


def _is_same(stored: Any, given: Any) -> bool:
    """Return whether a value need not be written; in JSON, 1 and True are not the same."""
    if isinstance(stored, dict | list):
        return repr(stored) == repr(given)
    is_number = isinstance(stored, bool | int | float)
    if is_number and type(stored) is not type(given):
        return False
    return bool(stored == given)
