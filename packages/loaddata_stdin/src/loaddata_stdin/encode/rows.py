"""Functions that make a row of a staging table of an object.

One is generated for each model and set of fields: there is no loop over fields and no
look-up of what is the same for all of the objects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models.expressions import DatabaseDefault
from django.db.models.signals import post_init, pre_init

from loaddata_stdin.django_private import live_receivers
from loaddata_stdin.encode.cells import CopyDialect, Dialect, Slow
from loaddata_stdin.encode.defaults import CalledDefault, is_called
from loaddata_stdin.encode.instances import Instances
from loaddata_stdin.exceptions import FieldValueError
from loaddata_stdin.model.field_values import value_for
from loaddata_stdin.model.natural_keys import NaturalKey, key_text, named_columns
from loaddata_stdin.model.target import Target, listed
from loaddata_stdin.objects import FixtureObject

__all__ = ["Rows", "has_own_init", "rows_of"]

# Any in this module: fields, and values of any type.

Row = Callable[[FixtureObject], Any]
_JSON = {"json", "jsonl"}


class Rows:
    """How the objects of a model that list the same fields become rows.

    Attributes:
        row: returns a line of COPY, or a tuple of parameters.
        columns: the names of what a row holds, in its order.
        relations: the many-to-many fields that are listed.
    """

    def __init__(self, row: Row, columns: list[str], relations: list[Any]) -> None:
        self.row = row
        self.columns = columns
        self.relations = relations


def rows_of(
    target: Target,
    names: tuple[str, ...],
    to: Dialect,
    *,
    format_name: str,
    is_lenient: bool = False,
    is_strict: bool = False,
    is_patch: bool = False,
) -> Rows:
    """Return how objects that list these fields become rows.

    Args:
        target: the table.
        names: of the fields that the objects list.
        to: what the database takes.
        format_name: of the objects.
        is_lenient: whether names that are no fields are left out.
        is_strict: whether every value takes its field's own way.
        is_patch: whether rows keep what the objects do not list.

    Raises:
        FieldDoesNotExist: a name is no field.
    """
    given, relations = listed(target.model, names, is_lenient=is_lenient)
    builder = _Builder(target, given, to, format_name)
    builder.is_patch = is_patch
    if is_strict:
        builder.kind = lambda field: None
    if has_own_init(target.model) or len(target.keys) > 1:
        builder.instances(names)
    else:
        builder.values()
    return Rows(builder.compiled(), builder.columns, relations)


def has_own_init(model: type[models.Model]) -> bool:
    """Return whether objects may change what they are made of."""
    return any(
        getattr(model, name) is not getattr(models.Model, name)
        for name in ("__init__", "__new__", "__setattr__")
    ) or any(live_receivers(signal, model) for signal in (pre_init, post_init))


class _Builder:
    """Writes the source of a row function."""

    is_patch = False

    def __init__(
        self, target: Target, given: dict[Any, str], to: Dialect, format_name: str
    ) -> None:
        self.columns = ["#number", "#line", "#column"]
        self.kind = to.kind
        self._cells = ["item.number", "item.line", "item.column"]
        self._target = target
        self._given = given
        self._to = to
        self._format = format_name
        self._before = ""
        self._made: dict[Any, str] = {}
        self._names: dict[str, Any] = {**to.names, "NULL": to.null}

    def compiled(self) -> Row:
        if isinstance(self._to, CopyDialect):
            result = 'f"""' + "\t".join(f"{{{cell}}}" for cell in self._cells) + '\n"""'
        else:
            result = "(" + ", ".join(self._cells) + ",)"
        source = (
            "def row(item):\n    values = item.values\n"
            f'    fields = values["fields"]\n{self._before}    return {result}\n'
        )
        exec(source, self._names)  # noqa: S102  # Every name in it is made here.
        row: Row = self._names["row"]
        return row

    def values(self) -> None:
        """Take the values as they stand in the fixture."""
        target = self._target
        if target.natural and target.natural.fields:
            self._add("#key", self._own_key(target.natural.fields))
        for field in target.references:
            self._reference(field)
        for field in target.fields:
            self._field(field)

    def _add(self, column: str, cell: str) -> None:
        self.columns.append(column)
        self._cells.append(f"({cell})")

    def _name(self, value: Any) -> str:
        name = f"n{len(self._names)}"
        self._names[name] = value
        return name

    def _reference(self, field: Any) -> None:
        if field in self._given:
            value = self._value(field)
            call = self._name(_Reference(field, self._to, self._format))
            cell = f"{call}(v) if (v := {value}).__class__ is list else NULL"
        else:
            cell = "NULL"
        self._add(f"#{field.column}", cell)

    def _value(self, field: Any) -> str:
        if field in self._given:
            return f"fields[{self._name(self._given[field])}]"
        return 'values.get("pk")'.replace('"', "'")

    def _field(self, field: Any) -> None:
        is_key = field in self._target.keys
        if field not in self._given and not is_key:
            self._default(field)
            return
        value, slow = self._value(field), Slow(field, self._to, self._format)
        cell = self._to.expression(
            self.kind(field), value=value, slow=self._name(slow), v="v"
        )
        if field in self._target.references:
            cell = f"NULL if {value}.__class__ is list else {cell}"
        if is_key and field.has_default():
            # The default of a primary key takes the place of a null, too.
            default = self._default_call(field, slow)
            cell = f"{default}() if {value} is None else {cell}"
            self._mark_made(value)
        self._add(field.column, cell)

    def _mark_made(self, value: str) -> None:
        if self._target.makes_keys:
            self._add("#made", f"1 if {value} is None else NULL")

    def _default(self, field: Any) -> None:
        slow = Slow(field, self._to, self._format)
        if field in self._made:
            self._add(field.column, f"{self._name(slow.own)}({self._made[field]})")
            return
        if is_called(field):
            self._add(field.column, f"{self._default_call(field, slow)}()")
            return
        value = field.get_default()
        # A column that is left out gets what the database has for it.
        if not isinstance(value, DatabaseDefault):
            self._add(field.column, self._name(slow.own(value)))

    def _default_call(self, field: Any, slow: Slow) -> str:
        call = CalledDefault(field, self._to.connection)
        return self._name(lambda: slow.own(call()))

    def _own_key(self, fields: Sequence[Any]) -> str:
        """Return the expression of the cell of an object's own natural key."""
        format_name = self._format
        names: list[Any] = [self._given.get(field) for field in fields]
        if None not in names and named_columns(fields) and format_name in _JSON:
            text = self._to.text

            def key(values: dict[str, Any]) -> Any:
                try:
                    return text(key_text([values[n] for n in names]))
                except ValueError as error:  # A lone surrogate
                    raise FieldValueError(fields[0].name, None, error) from error

            return f"{self._name(key)}(fields)"

        def typed_key(values: dict[str, Any], *absent: Any) -> Any:
            rest = iter(absent)
            parts = [
                next(rest) if n is None else value_for(field, values[n], format_name)
                for field, n in zip(fields, names, strict=True)
            ]
            return self._own_text(parts, fields)

        absent = [self._absent(field) for field in fields if field not in self._given]
        cell = f"{self._name(typed_key)}({', '.join(['fields', *absent])})"
        if absent and self.is_patch:
            # What its row has there is not known.
            return f"NULL if values.get('pk') is not None else {cell}"
        return cell

    def _own_text(self, parts: list[Any], fields: Sequence[Any] = ()) -> Any:
        try:
            return self._to.text(key_text(parts, fields))
        except ValueError as error:  # A lone surrogate
            natural: Any = self._target.natural
            raise FieldValueError(natural.fields[0].name, parts, error) from error

    def _absent(self, field: Any) -> str:
        """Return the expression of what a field gets that is not listed."""
        if field in self._target.keys:
            return self._value(field)
        if not is_called(field):
            return self._name(field.get_default())
        if field not in self._made:
            # Called once: the key is that of the row.
            self._made[field] = f"made{len(self._made)}"
            call = self._name(CalledDefault(field, self._to.connection))
            self._before += f"    {self._made[field]} = {call}()\n"
        return self._made[field]

    def instances(self, names: tuple[str, ...]) -> None:
        """Take the values from objects that are made as Django makes them."""
        target = self._target
        made = Instances(target, self._given, self._format)
        self._before = f"    made, references = {self._name(made)}(values, fields)\n"
        if target.natural and target.natural.fields:
            attributes = [field.attname for field in target.natural.fields]
            fields = target.natural.fields
            key = lambda one: self._own_text(  # noqa: E731  # one of many small functions
                [getattr(one, name) for name in attributes], fields
            )
            self._add("#key", f"{self._name(key)}(made)")
        for field in target.references:
            call = self._name(_Reference(field, self._to, self._format))
            name = self._name(field.attname)
            self._add(
                f"#{field.column}",
                f"{call}(references[{name}]) if {name} in references else NULL",
            )
        for field in target.fields:
            slow = Slow(field, self._to, self._format)
            value = f"getattr(made, {self._name(field.attname)})"
            if field.has_db_default() and field not in self._given:
                continue
            self._add(field.column, f"{self._name(slow.own)}({value})")
        self._mark_made(self._value(target.keys[0]))


class _Reference:
    """The text of natural keys in a foreign key or many-to-many field."""

    def __init__(self, field: Any, to: Dialect, format_name: str) -> None:
        natural = NaturalKey.of(field.remote_field.model, to.connection.alias)
        fields = natural.fields if natural else ()
        self._field = field
        self._to = to
        self._format = format_name
        self._text = lru_cache(4096, typed=True)(
            lambda *parts: to.text(key_text(parts, fields))
        )

    def __call__(self, value: list[Any]) -> Any:
        parts = value
        if self._format not in _JSON:
            parts = value_for(self._field, value, self._format)
        try:
            try:
                return self._text(*parts)
            except TypeError:  # A part that is a list cannot be looked up.
                return self._to.text(key_text(parts))
        except ValueError as error:  # A lone surrogate
            raise FieldValueError(self._field.name, value, error) from error
