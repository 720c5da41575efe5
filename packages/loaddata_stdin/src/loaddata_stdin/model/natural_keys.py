"""Natural keys as text, so that the database can compare them.

The text of a key is a JSON list of its parts: as they came where only its manager knows
what they mean, else each as the string that its field makes of it, or null.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from json.encoder import encode_basestring
from typing import Any

from django.db import connections, models
from django.db.models.query import MAX_GET_RESULTS

from loaddata_stdin.model.field_kinds import kind_of

__all__ = [
    "NaturalKey",
    "is_unique",
    "key_text",
    "named_columns",
    "natural_fields",
    "parts_of",
]

# Any in this module: fields, and the parts of keys, of any type.

# What every function that makes one text of several changes: case, white space, accents,
# signs, zeros, and a length.
_TEXT = " \t 0 ÀbÇ e\u0301\u1e9e\ufb01 --__//.. b@X.Org 00\n " * 20
# By the kind of a field; a key with a part of another kind is for its manager.
_PROBES: dict[str, Callable[[int], object]] = {
    "text": lambda n: _TEXT.replace("b", "cdefghijklmnopqrstuvwxyz"[n % 24]),
    "integer": lambda n: 7 + n,
    "uuid": lambda n: f"00000000-0000-4000-8000-{n:012d}",
    "date": lambda n: f"2026-01-{n % 28 + 1:02d}",
}


@dataclass(frozen=True)
class NaturalKey:
    """How objects of a model are named.

    Attributes:
        model: the model.
        fields: those that `natural_key` returns, when it returns columns of its own
            table as they are, and a join on them finds what the manager finds; none
            when either does something else.
    """

    model: type[models.Model]
    fields: tuple[Any, ...]

    @classmethod
    def of(cls, model: type[models.Model], using: str) -> NaturalKey | None:
        """Return the natural key of a model that has one.

        Args:
            model: the model.
            using: the alias of the database that its manager is asked about.
        """
        manager = model._default_manager
        if not (
            hasattr(manager, "get_by_natural_key") and hasattr(model, "natural_key")
        ):
            return None
        key = cls(model, natural_fields(model))
        return key if key._is_plain(using) else cls(model, ())

    def _is_plain(self, using: str) -> bool:
        """Return whether the key finds what a join on its columns finds.

        That is so when `get_by_natural_key` sends the same query as a `get` of the
        fields, of which no two rows have the same, and does nothing more when that finds
        nothing.
        """
        if not self.fields or not is_unique(self.model, self.fields):
            return False
        if any(field.has_db_default() for field in self.fields):
            return False  # Of an object that does not list it nobody knows the key.
        probes = [_probe(field, n) for n, field in enumerate(self.fields)]
        if None in probes:
            return False
        manager: Any = self.model._default_manager.db_manager(using)
        plain: Any = models.QuerySet(model=self.model, using=using)
        names = [field.name for field in self.fields]
        wanted = dict(zip(names, probes, strict=True))
        # What `get` sends; the limit is the same in Django 5.2, 6.0 and 6.1.
        got = plain.filter(**wanted).order_by()[:MAX_GET_RESULTS]
        expected = _source(*got.query.get_compiler(using).as_sql())
        sent = self._queries(using, lambda: manager.get_by_natural_key(*probes))
        return sent == [expected]

    def _queries(self, using: str, ask: Callable[[], object]) -> list[Any]:
        """Return the queries for what is not there; none where that is not said.

        None is sent.
        """
        connection = connections[using]
        model: Any = self.model
        seen = []

        def find_nothing(_: Any, sql: str, params: Any, *__: Any) -> Any:
            seen.append(_source(sql, params))
            raise model.DoesNotExist

        is_failed = connection.needs_rollback
        try:
            with connection.execute_wrapper(find_nothing):
                ask()
        except model.DoesNotExist:
            return seen
        except Exception:  # noqa: BLE001  # Foreign code, which may raise anything.
            return []
        finally:
            # An atomic block of the manager's has not failed.
            connection.needs_rollback = is_failed
        return []


def key_text(parts: Sequence[Any], fields: Sequence[Any] = ()) -> str:
    """Return the text of a key.

    Args:
        parts: as a fixture or an object has them.
        fields: what they are values of, where that is known: then `"1"` is 1.
    """
    if len(fields) != len(parts):
        fields = [None] * len(parts)
    return "[" + ",".join(map(_part_text, parts, fields)) + "]"


def parts_of(text: str) -> list[Any]:
    """Return the parts of a key for `get_by_natural_key`."""
    parts: list[Any] = json.loads(text)
    return parts


def named_columns(fields: Sequence[Any]) -> bool:
    """Return whether all of the fields are text, which is its own text."""
    return all(isinstance(f, (models.CharField, models.TextField)) for f in fields)


def _part_text(part: Any, field: Any) -> str:
    if part.__class__ is str and (field is None or named_columns([field])):
        return encode_basestring(part)
    if part is None:
        return "null"
    if isinstance(part, (list, tuple, dict)):
        return json.dumps(part, default=str)
    if field is None:
        return json.dumps(part, ensure_ascii=False, default=str)
    with suppress(Exception):  # What is no value of the field is no key either.
        part = field.to_python(part)
    return encode_basestring(str(part))


class _Touched(Exception):  # It ends a question, it is no error.
    """Something else than a column was asked for."""


class _Column:
    """Stands for the value of a column; anything done with it ends the question."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def _touched(self, *_: Any) -> Any:
        raise _Touched

    __str__ = __repr__ = __bool__ = __eq__ = __len__ = __iter__ = __format__ = _touched
    __add__ = __radd__ = __getattr__ = __getitem__ = __lt__ = __contains__ = _touched
    __hash__ = None  # type: ignore[assignment]  # It is compared with nothing.


class _Row:
    """Stands for an object that is asked for its natural key."""

    def __init__(self, model: type[models.Model], columns: dict[str, Any]) -> None:
        self._model = model
        self._columns = columns

    def __getattr__(self, name: str) -> Any:
        if name in self._columns:
            return _Column(self._columns[name])
        # A method (as User's get_username), or what is the same for all objects.
        found = inspect.getattr_static(self._model, name)
        if isinstance(found, types.FunctionType):
            return types.MethodType(found, self)
        if isinstance(found, (str, int)):
            return found
        raise _Touched


@cache
def natural_fields(model: type[models.Model]) -> tuple[Any, ...]:
    """Return the fields that `natural_key` returns unchanged, by asking it."""
    columns = {
        field.attname: field
        for field in model._meta.local_concrete_fields
        if not field.is_relation
    }
    try:
        answer = model.natural_key(_Row(model, columns))  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001  # Foreign code, asked what it does not expect.
        return ()
    if not isinstance(answer, (list, tuple)):
        return ()
    if not all(part.__class__ is _Column for part in answer):
        return ()
    return tuple(part.field for part in answer)


def is_unique(model: type[models.Model], fields: Sequence[Any]) -> bool:
    """Return whether the database lets no two rows have the same in these fields."""
    names = {field.name for field in fields}
    groups = [
        *model._meta.unique_together,
        *(each.fields for each in model._meta.total_unique_constraints),
    ]
    return any(field.unique for field in fields) or any(map(names.issuperset, groups))


def _source(sql: str, params: Any) -> tuple[str, Any]:
    """Return a query without what it selects."""
    return sql.partition(" FROM ")[2], params


def _probe(field: Any, number: int) -> Any:
    # A collation, or a type of its own, may take two texts for one.
    has_collation = getattr(field, "db_collation", None)
    if field.null or has_collation or type(field).db_type is not models.Field.db_type:
        return None
    probe = _PROBES.get(kind_of(field) or "")
    return probe and probe(number)
