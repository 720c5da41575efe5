"""What saving one object changes."""

from __future__ import annotations

from typing import Any

from django.db import models

from loaddata_stdin.differences import Differences
from loaddata_stdin.report import Counts

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
        row = self._row
        if row.pk is None:
            return None
        names = [field.attname for field in row._meta.local_concrete_fields]
        query: Any = models.QuerySet(model=type(row), using=self._using)
        # Of a child whose parent is there the own table may hold nothing.
        found: dict[str, Any] | None = query.filter(pk=row.pk).values(*names).first()
        return found

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

    def count(self, counts: Counts, differences: Differences | None) -> None:
        """Count what is there now, and say what is new; again, after more has changed.

        Args:
            counts: of the model.
            differences: says what is new; None: nobody asks.
        """
        if self.before is None and not differences:
            # Nobody asks what a new row holds.
            counts.created += not self._kind
            self._kind = "created"
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
