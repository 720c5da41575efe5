"""Values to JSON and back, by the names of their members.

The functions are generated per type, as a hand-written decoder would be: a loop over
the members takes a fifth longer for every value read.
"""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField

from .exact_json import JSON_NULL, JSON_NULL_TOKEN, dumps, loads, loads_first
from .exceptions import MemberValueError
from .readers import reader
from .records import mark_json_nulls
from .writers import fast_path, writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .definition import Definition
    from .types import CompositeType

__all__ = ["Codec"]

# What fields raise for a value that they cannot take.
UNFIT = (ValidationError, ValueError, TypeError, ArithmeticError)


class Codec:
    """Encodes and decodes the values of one type.

    Args:
        definition: names the members; fields of nested types are resolved here.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._readers = {f.name: reader(f) for f in definition.fields}
        self._writers = {f.name: writer(f) for f in definition.fields}
        self._json_members = [
            (f.name, str(f.column))
            for f in definition.fields
            if isinstance(f, JSONField)
        ]
        self._fill: Callable[[dict[str, Any], dict[str, Any]], None]
        self._write: Callable[[CompositeType], str]
        self._fill, self._write = _generated(definition, self._readers, self._writers)

    def decode(self, value: CompositeType, text: str | dict[str, Any]) -> None:
        """Set the members of a value.

        Args:
            value: an instance without members.
            text: JSON, or what has been parsed of it; behind the JSON may stand the
                text of the record, where JSON nulls differ from NULL.

        Raises:
            MemberValueError: a member is nothing that Python can hold.
        """
        data: dict[str, Any]
        if isinstance(text, dict):
            data = text
        elif text.endswith("}"):
            data = loads(text)
        else:
            data, end = loads_first(text)
            mark_json_nulls(data, text[end:])
        values: dict[str, Any] = {}
        for name, column in self._json_members:
            if data.get(column) is JSON_NULL:
                data = {**data, column: None}
                values.setdefault("_json_nulls", set()).add(name)
        is_complete = len(data) == len(self._definition.fields)
        try:
            self._fill(values, data)
        except (KeyError, ValueError, TypeError, ArithmeticError):
            self._fill_one_by_one(values, data)
            is_complete = False
        if not is_complete:
            self._keep_surplus(values, data)
        value.__dict__.update(values)

    def encode(self, value: CompositeType) -> str:
        """Return the JSON of a value, all on one line.

        Raises:
            ValidationError: a member does not fit its field; the text names it.
        """
        text = value.__dict__.get("_json")
        if isinstance(text, str) and text.endswith("}"):
            return text
        try:
            text = self._write(value)
        except UNFIT:
            self._name_the_culprit(value)
            raise
        surplus = value.__dict__.get("_surplus")
        return f"{text[:-1]}, {surplus[1:]}" if surplus else text

    def _fill_one_by_one(self, values: dict[str, Any], data: dict[str, Any]) -> None:
        """Do what the generated function does, for members that fail or are absent."""
        for field in self._definition.fields:
            if field.column not in data:
                values.pop(field.name, None)
                continue
            item, read = data[field.column], self._readers[field.name]
            try:
                if read is not None and (
                    item is not None or hasattr(read, "takes_none")
                ):
                    item = read(item)
            except (ValueError, TypeError, ArithmeticError) as error:
                message = f"{self._definition.label}.{field.name}: {item!r} cannot be read: {error}."
                raise MemberValueError(message) from error
            values[field.name] = item

    def _keep_surplus(self, values: dict[str, Any], data: dict[str, Any]) -> None:
        """Keep the JSON of what the type has and the class has not.

        It is written back as it was read, so that a process which knows nothing of a
        new member does not empty it.
        """
        known = {field.column for field in self._definition.fields}
        surplus = {key: item for key, item in data.items() if key not in known}
        if surplus:
            values["_surplus"] = dumps(surplus, default=lambda _: None)

    def _name_the_culprit(self, value: CompositeType) -> None:
        for field in self._definition.fields:
            try:
                self._writers[field.name](getattr(value, field.name))
            except UNFIT as error:  # noqa: PERF203  # the first ends it
                reason = "; ".join(getattr(error, "messages", [str(error)]))
                message = f"{self._definition.label}.{field.name}: {reason}"
                raise ValidationError(message) from error


def _generated(
    definition: Definition, readers: dict[str, Any], writers: dict[str, Any]
) -> Any:
    scope: dict[str, Any] = {"quoted": quoted, "TOKEN": quoted(JSON_NULL_TOKEN)}
    fill = ["def fill(values, data):"]
    write = ["def write(value):", " return '{' + ', '.join(("]
    for number, field in enumerate(definition.fields):
        scope[f"r{number}"] = read = readers[field.name]
        scope[f"w{number}"] = writers[field.name]
        fill.append(_fill_line(number, field, read))
        write.append(_write_line(number, field, scope))
    source = "\n".join([*fill, *write, " )) + '}'"])
    exec(compile(source, f"<codec of {definition.label}>", "exec"), scope)  # noqa: S102  # names go in as literals
    return scope["fill"], scope["write"]


def _fill_line(number: int, field: Any, read: Any) -> str:
    source = f"data[{field.column!r}]"
    if read is not None and hasattr(read, "takes_none"):
        source = f"r{number}({source})"
    elif read is not None:
        source = f"None if (x := {source}) is None else r{number}(x)"
    return f" values[{field.name!r}] = {source}"


def _write_line(number: int, field: Any, scope: dict[str, Any]) -> str:
    text, null = f"w{number}(x)", "'null'"
    fast = fast_path(field)
    if fast is not None:
        scope[f"t{number}"], code = fast
        text = f"{code.format('x')} if x.__class__ is t{number} else {text}"
    if isinstance(field, JSONField):
        nulls = "value.__dict__.get('_json_nulls', ())"
        null = f"(TOKEN if {field.name!r} in {nulls} else 'null')"
    key = f"{quoted(field.column)}: "
    return f"  {key!r} + ({null} if (x := value.{field.name}) is None else {text}),"
