"""The objects of Django's XML, one at a time, in the shape that JSON has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

from loaddata_stdin.exceptions import FixtureSyntaxError, UnexpectedElementError
from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import short
from loaddata_stdin.read.source import CHUNK_SIZE, Source
from loaddata_stdin.read.xml_places import place_of_field

__all__ = ["xml_values"]

_CODES = expat.errors.codes
# What expat says of a document that stops.
_CUT = {
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS],
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR],
    _CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
}
_WRONG_ENCODING = _CODES[expat.errors.XML_ERROR_INCORRECT_ENCODING]
# The least that an element takes: <None/>.
_ELEMENT_SIZE = 7
_ROOT = "django-objects"

_Placed = tuple[int, int, Any]
# The same with the index of the first byte in the document.
_Found = tuple[int, int, Any, int]


def xml_values(source: Source, limits: Limits) -> Iterator[_Placed]:
    """Yield line, column and value of each object of one document.

    Values of fields are text, None, a natural key as a list of texts, or for a
    many-to-many field a list of keys. A document type is refused, and with it entities.

    Raises:
        FixtureSyntaxError: the text is no XML or no fixture, or an object is too large or
            too deep.
    """
    source.is_end_marked = True  # It must end with the tag that it began with.
    document = _Document(source, limits)
    source.place_of = document.place_of
    while not document.is_over:
        for found in document.read(source.read()):
            document.current = found
            yield found[:3]
        document.forget()


class _Document:
    """Tells the places of the stream, and where the document ends in it.

    Attributes:
        current: the object that was yielded last.
        is_over: whether all has been read.
    """

    current: _Found

    def __init__(self, source: Source, limits: Limits) -> None:
        self.is_over = False
        self._kept: list[bytes] = []  # Since the first object that is read yet.
        self._kept_index = 0
        self._source = source
        self._limits = limits
        self._first = source.line, source.column
        self._tail = b""  # What expat has seen without calling anything yet.
        self._tail_index = 0
        self._objects = _Objects(self, limits)
        # What a text says of its encoding was true of other bytes.
        self._parser = self._objects.parser("utf-8" if source.is_text else None)

    def read(self, data: bytes) -> list[_Found]:
        """Return the objects that end in these bytes; none are the end."""
        self._tail += data
        self._kept.append(data)
        self.is_over = not data
        try:
            self._parse(data)
        except expat.ExpatError as error:
            if not self._objects.has_root_ended:
                raise self._explained(error) from error
            # What follows is another document.
            start = self._parser.ErrorByteIndex - self._tail_index
            place = self.place(error.lineno, error.offset)
            self._source.give_back(self._tail[start:], *place)
            self.is_over = True
        else:
            self._forget_seen()
        return self._objects.taken()

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, not data)
        except expat.ExpatError as error:
            if error.code != _WRONG_ENCODING or self._tail_index:
                raise
            # It was UTF-16 before it was made UTF-8, and says so still.
            self._parser = self._objects.parser("utf-8")
            self._parser.Parse(self._tail, not data)

    def _forget_seen(self) -> None:
        seen = max(self._parser.CurrentByteIndex, 0)
        self._tail = self._tail[seen - self._tail_index :]
        self._tail_index = seen
        if len(self._tail) > self._limits.object_size + CHUNK_SIZE:
            raise self.too_large(self.here())

    def forget(self) -> None:
        """Forget the bytes of the objects that have been read."""
        begin = self._objects.begin
        while self._kept and (
            begin is None or self._kept_index + len(self._kept[0]) <= begin
        ):
            self._kept_index += len(self._kept.pop(0))

    def place_of(self, keys: Sequence[str]) -> tuple[int, int] | None:
        """Return where a field of the last object begins.

        The object is parsed again for it: places of all fields would take a good part
        of the time of reading.
        """
        line, column, _, begin = self.current
        if keys[0] != "fields":
            return None
        data = b"".join(self._kept)[begin - self._kept_index :]
        return place_of_field(keys[-1], data, line, column)

    def index(self) -> int:
        """Return the index of the byte that expat calls for."""
        return self._parser.CurrentByteIndex

    def here(self) -> tuple[int, int]:
        """Return the line and the column of what expat calls for."""
        parser = self._parser
        return self.place(parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return a place of expat's, columns from 0, as one of the stream."""
        first_line, first_column = self._first
        if line == 1:
            return first_line, first_column + column
        return first_line + line - 1, column + 1

    def too_large(self, place: tuple[int, int]) -> FixtureSyntaxError:
        line, column = place
        message = f"line {line}, column {column}: {self._limits.too_large}."
        return FixtureSyntaxError(message)

    def error(self, problem: str) -> FixtureSyntaxError:
        return _no_xml(self.here(), problem)

    def _explained(self, error: expat.ExpatError) -> FixtureSyntaxError:
        problem = expat.ErrorString(error.code)
        if error.code in _CUT:
            problem += " (the text ends here: is it cut off?)"
        return _no_xml(self.place(error.lineno, error.offset), problem)


def _no_xml(place: tuple[int, int], problem: str) -> FixtureSyntaxError:
    line, column = place
    return FixtureSyntaxError(f"line {line}, column {column}: no XML: {problem}.")


class _Objects:
    """What expat calls: it keeps one object, and of it one field, at a time."""

    def __init__(self, document: _Document, limits: Limits) -> None:
        self.has_root_ended = False
        self._document = document
        self._limits = limits
        self._depth = 0
        self._objects: list[_Found] = []
        self._has_objects = False
        # The object that is read; there is one where its depth is not 0.
        self._object_depth = 0
        self._object: dict[str, Any] = {}
        self._place = 0, 0
        self._begin = 0
        self._size = 0
        # Its field that is read, in the same way.
        self._field_depth = 0
        self._name = ""
        self._text: list[str] = []
        self._is_none = False
        self._natural: list[str] = []
        self._keys: list[Any] | None = None

    def parser(self, encoding: str | None) -> expat.XMLParserType:
        """Return a parser that calls this."""
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    @property
    def begin(self) -> int | None:
        """Return the index of the first byte of the object that is read, if one is."""
        return self._begin if self._object_depth else None

    def taken(self) -> list[_Found]:
        """Return the objects that have ended since the last time."""
        objects, self._objects = self._objects, []
        self._has_objects |= bool(objects)
        return objects

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth = depth = self._depth + 1
        if depth > self._limits.depth:
            problem = "nested too deeply"
            raise self._document.error(problem)
        if not self._object_depth:
            if name == "object":
                self._object = {**attributes, "fields": {}}
                self._object_depth, self._size = depth, 0
                self._place = self._document.here()
                self._begin = self._document.index()
            return
        self._grow(_ELEMENT_SIZE)
        if self._field_depth:
            self._start_in_field(name, attributes)
        elif name == "field":
            self._field_depth = depth
            self._name = attributes.get("name", "")
            self._text, self._natural, self._is_none = [], [], False
            self._keys = [] if attributes.get("rel") == "ManyToManyRel" else None

    def _start_in_field(self, name: str, attributes: dict[str, str]) -> None:
        if name == "object":
            if self._keys is None:
                self._keys = []
            self._keys.append(attributes.get("pk"))
            self._grow(len(attributes.get("pk", "")))
        elif name == "natural":
            self._text = []
        elif name == "None":
            self._is_none = True
        else:
            # Django 6.1 refuses it, others took its text for that of the field.
            line, column = self._document.here()
            message = f"line {line}, column {column}: <{short(name)}> in a field."
            raise UnexpectedElementError(message)

    def _end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == self._field_depth:
            self._object["fields"][self._name] = self._value()
            self._field_depth = 0
            self._grow(len(self._name))
        elif self._field_depth:
            self._end_in_field(name)
        elif depth == self._object_depth:
            self._objects.append((*self._place, self._object, self._begin))
            self._object_depth = 0
        self.has_root_ended = depth == 1
        if depth == 1 and name != _ROOT and not (self._objects or self._has_objects):
            # The page of an error, say, where a server should have sent a fixture.
            problem = f"expected <{_ROOT}>, got <{short(name)}> without any object"
            raise self._document.error(problem)

    def _end_in_field(self, name: str) -> None:
        if name == "natural":
            self._natural.append("".join(self._text).strip())
        elif name == "object" and self._natural and self._keys:
            self._keys[-1], self._natural = self._natural, []

    def _value(self) -> Any:
        if self._is_none:
            return None
        if self._keys is not None:
            return self._keys
        return self._natural or "".join(self._text).strip()

    def _characters(self, text: str) -> None:
        if self._field_depth:
            self._text.append(text)
            self._grow(len(text))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.object_size:
            raise self._document.too_large(self._place)

    def _doctype(self, *_: Any) -> None:
        problem = "a document type is not allowed; remove <!DOCTYPE>"
        raise self._document.error(problem)
