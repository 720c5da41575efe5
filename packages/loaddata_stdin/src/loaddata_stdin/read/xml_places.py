"""Find a field in the XML of one object."""

from __future__ import annotations

from contextlib import suppress
from xml.parsers import expat

__all__ = ["place_of_field"]


def place_of_field(
    name: str, data: bytes, line: int, column: int
) -> tuple[int, int] | None:
    """Return the line and the column where the last field of this name begins.

    Args:
        name: of the field.
        data: begins with the object; what follows it is not looked at.
        line: of the object, from 1.
        column: the same in the line, from 1.
    """
    found = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal found
        if tag == "field" and attributes.get("name") == name:
            found = parser.CurrentLineNumber, parser.CurrentColumnNumber

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    # A second root element, or the end of that around the object, is an error.
    with suppress(expat.ExpatError):
        parser.Parse(data, False)
    if not found:
        return None
    lines, columns = found[0] - 1, found[1]
    return (line + lines, columns + 1) if lines else (line, column + columns)
