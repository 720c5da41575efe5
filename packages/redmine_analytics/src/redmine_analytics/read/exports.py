"""Read Redmine's CSV exports: any encoding, separator and language of the header.

An export is a table of today, without history. Its encoding, separator and decimal sign
follow the language of the user that exported it, and Redmine truncates it silently at
`issues_export_limit` (500 unless an administrator changed it).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from redmine_analytics.exceptions import ExportError
from redmine_analytics.read.labels import COLUMNS

__all__ = ["DEFAULT_EXPORT_LIMIT", "read_export"]

DEFAULT_EXPORT_LIMIT = 500
# In the order in which they are tried; the one that gives the most known labels wins.
_ENCODINGS = (
    *("utf-8", "cp1252", "iso-8859-2", "cp1251", "cp932"),
    *("gb18030", "big5", "euc-kr", "iso-8859-9", "koi8-r"),
)
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_NUMBERS = ("id", "done_ratio", "estimated_hours", "spent_hours", "total_spent_hours")


def read_export(
    source: str | Path | bytes,
    *,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    expected: int | None = None,
    limit: int = DEFAULT_EXPORT_LIMIT,
) -> pd.DataFrame:
    """Return the rows of a CSV export of issues, with the column names of `Frames`.

    Custom fields and labels of unknown languages keep their header; dates stay text,
    since their format depends on the user.

    Args:
        source: a file, or its content.
        encoding: if it is not found out right.
        columns: more headers, such as `{"Célverzió": "version"}`.
        expected: the number of issues that the query has in Redmine.
        limit: the server's `issues_export_limit`.

    Raises:
        ExportError: a web page, no header of an export, a truncated export.
    """
    name = "the export" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    known = {**COLUMNS, **{k.casefold(): v for k, v in (columns or {}).items()}}
    text = _decoded(name, content, encoding, known)
    if text.lstrip()[:1] == "<":
        message = f"{name}: is a web page, not a CSV; was the login page saved?"
        raise ExportError(message)
    header, separator = _header(text)
    if not header or header[0] != "#":
        message = f"{name}: the first column is not '#', as in an export of issues."
        raise ExportError(message)
    frame = pd.read_csv(
        io.StringIO(text), sep=separator, dtype="string", keep_default_na=False
    )
    frame = frame.rename(columns={h: known.get(h.casefold(), h) for h in header})
    _check_complete(name, len(frame), expected, limit)
    return _with_numbers(frame.replace("", pd.NA), decimal_comma=separator == ";")


def _decoded(
    name: str, content: bytes, encoding: str | None, known: Mapping[str, str]
) -> str:
    for mark, found in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            encoding = encoding or found
    best, most = None, -1
    for candidate in (encoding,) if encoding else _ENCODINGS:
        try:
            text = content.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        score = sum(label.casefold() in known for label in _header(text)[0])
        if score > most:
            best, most = text, score
    if best is None:
        message = f"{name}: is not {encoding or 'text'}; give its encoding."
        raise ExportError(message)
    return best


def _header(text: str) -> tuple[list[str], str]:
    """Return the labels of the first line, and the separator that gives most."""
    line = text.partition("\n")[0].rstrip("\r")
    rows = {sep: next(csv.reader([line], delimiter=sep), []) for sep in ",;\t"}
    separator = max(rows, key=lambda sep: len(rows[sep]))
    return rows[separator], separator


def _check_complete(name: str, rows: int, expected: int | None, limit: int) -> None:
    if expected is not None and rows != expected:
        message = (
            f"{name}: has {rows} of {expected} issues; Redmine truncates exports at its"
            " setting issues_export_limit: raise it, or use RedmineSource."
        )
        raise ExportError(message)
    if expected is None and rows == limit:
        message = (
            f"{name}: has exactly {rows} rows, the limit at which Redmine truncates"
            f" exports; give expected={rows} if that is all, or use RedmineSource."
        )
        raise ExportError(message)


def _with_numbers(frame: pd.DataFrame, *, decimal_comma: bool) -> pd.DataFrame:
    """Convert the columns that hold nothing but numbers, and those that always do."""
    for column in frame.columns:
        text = frame[column]
        if decimal_comma:
            text = text.str.replace(",", ".", regex=False)
        numbers = pd.to_numeric(text, errors="coerce")
        if column in _NUMBERS or (
            text.notna().any() and (numbers.notna() | text.isna()).all()
        ):
            frame[column] = numbers.astype("Int64" if column == "id" else "float64")
    return frame
