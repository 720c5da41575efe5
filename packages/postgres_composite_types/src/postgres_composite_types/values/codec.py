"""Values to JSON and back, by the names of their members.

The functions are generated per type, as a hand-written decoder would be: a loop over
the members takes a fifth longer for every value read.
"""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField

from postgres_composite_types.declare.stored import Kept, set_stored
from postgres_composite_types.exceptions import MemberValueError
from postgres_composite_types.values.exact_json import (
    JSON_NULL,
    JSON_NULL_TOKEN,
    dumps,
    scan,
)
from postgres_composite_types.values.readers import reader
from postgres_composite_types.values.records import mark_json_nulls
from postgres_composite_types.values.writers import fast_path, writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_composite_types.declare.definition import Definition
    from postgres_composite_types.types import CompositeType

__all__ = ["Codec"]

# What fields raise for a value that they cannot take.
UNFIT = (ValidationError, ValueError, TypeError, ArithmeticError)


class Codec:
    """Encodes and decodes the values of one type.

    `decode(value)` sets the members of a value from what it was read as: what `to_json`
    made of it, or what has been parsed of that. Behind the JSON may stand the text of the
    record, where a JSON null differs from NULL. A member that is nothing Python can hold
    raises MemberValueError.

    Args:
        definition: names the members; fields of nested types are resolved here.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._readers = {f.name: reader(f) for f in definition.fields}
        self._writers = {f.name: writer(f) for f in definition.fields}
        self._count = len(definition.fields)
        self._json_members = [
            (f.name, str(f.column))
            for f in definition.fields
            if isinstance(f, JSONField)
        ]
        self.decode: Callable[[CompositeType], None]
        self._write: Callable[[CompositeType, Any], str]
        self.decode, self._write = self._generated()

    def _decode_with_care(self, value: CompositeType, stored: Any) -> None:
        """Do the same for what is no whole value, or none of exactly these members."""
        if stored is None:
            return  # another thread was faster
        data = stored
        if isinstance(stored, str):
            data, end = scan(stored, 0)
            if end < len(stored):
                mark_json_nulls(data, stored[end:])
        for field in self._definition.fields:
            if field.column in data:
                member = self._member(field, data[field.column])
                self._definition.setters[field.name](value, member)
        set_stored(value, self._kept(data))

    def _kept(self, data: dict[str, Any]) -> Kept | None:
        nulls = {n for n, c in self._json_members if data.get(c) is JSON_NULL}
        known = {field.column for field in self._definition.fields}
        surplus = {key: item for key, item in data.items() if key not in known}
        if not nulls and not surplus:
            return None
        text = dumps(surplus) if surplus else None
        return Kept(text, frozenset(nulls))

    def _member(self, field: Any, item: Any) -> Any:
        read = self._readers[field.name]
        if item is JSON_NULL:
            item = None
        if read is None or (item is None and not hasattr(read, "takes_none")):
            return item
        try:
            return read(item)
        except (ValueError, TypeError, ArithmeticError) as error:
            message = f"{self._definition.label}.{field.name}: {item!r} cannot be read: {error}."
            raise MemberValueError(message) from error

    def encode(self, value: CompositeType) -> str:
        """Return the JSON of a value, all on one line.

        Raises:
            ValidationError: a member does not fit its field; the text names it.
        """
        stored = value._stored
        if isinstance(stored, str) and stored.endswith("}"):
            return stored
        if isinstance(stored, str | dict):
            self.decode(value)
            stored = value._stored
        surplus, nulls = stored if isinstance(stored, Kept) else (None, frozenset())
        try:
            text = self._write(value, nulls)
        except UNFIT:
            self._name_the_culprit(value)
            raise
        return f"{text[:-1]}, {surplus[1:]}" if surplus else text

    def _name_the_culprit(self, value: CompositeType) -> None:
        for field in self._definition.fields:
            try:
                self._writers[field.name](getattr(value, field.name))
            except UNFIT as error:  # noqa: PERF203  # the first ends it
                reason = "; ".join(getattr(error, "messages", [str(error)]))
                message = f"{self._definition.label}.{field.name}: {reason}"
                raise ValidationError(message) from error

    def _generated(self) -> tuple[Any, Any]:
        scope: dict[str, Any] = {
            "UNREAD": (KeyError, ValueError, TypeError, ArithmeticError),
            "TOKEN": quoted(JSON_NULL_TOKEN),
            "decode_with_care": self._decode_with_care,
            "quoted": quoted,
            "scan": scan,
            "set_stored": set_stored,
        }
        reads, writes = [], []
        for number, field in enumerate(self._definition.fields):
            scope[f"r{number}"] = read = self._readers[field.name]
            scope[f"w{number}"] = self._writers[field.name]
            scope[f"s{number}"] = self._definition.setters[field.name]
            reads.append(_read_line(number, field, read))
            writes.append(_write_line(number, field, scope))
        source = DECODE.format(count=len(reads), reads="".join(reads))
        source += WRITE.format(writes="".join(writes))
        name = f"<codec of {self._definition.label}>"
        exec(compile(source, name, "exec"), scope)  # noqa: S102  # names go in as literals
        return scope["decode"], scope["write"]


# What was read goes last: another thread that does not meet it must find the members.
DECODE = """
def decode(value):
    stored = value._stored
    if stored.__class__ is str:
        data, end = scan(stored, 0)
        if end == len(stored) and len(data) == {count}:
            try:
{reads}
            except UNREAD:  # one member is absent or wrong
                pass
            else:
                set_stored(value, None)
                return
    decode_with_care(value, stored)
"""
WRITE = """
def write(value, nulls):
    return "{{" + ", ".join((
{writes}
    )) + "}}"
"""


def _read_line(number: int, field: Any, read: Any) -> str:
    source = f"data[{field.column!r}]"
    if read is not None and hasattr(read, "takes_none"):
        source = f"r{number}({source})"
    elif read is not None:
        source = f"None if (x := {source}) is None else r{number}(x)"
    return f"                s{number}(value, {source})\n"


def _write_line(number: int, field: Any, scope: dict[str, Any]) -> str:
    text, null = f"w{number}(x)", "'null'"
    fast = fast_path(field)
    if fast is not None:
        scope[f"t{number}"], code = fast
        text = f"{code.format('x')} if x.__class__ is t{number} else {text}"
    if isinstance(field, JSONField):
        null = f"(TOKEN if {field.name!r} in nulls else 'null')"
    key = f"{quoted(field.column)}: "
    return f"        {key!r} + ({null} if (x := value.{field.name}) is None else {text}),\n"
