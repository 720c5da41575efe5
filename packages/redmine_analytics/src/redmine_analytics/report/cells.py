"""Texts of Redmine in tables that people open in a spreadsheet.

A subject such as `=HYPERLINK(...)` is a formula to a spreadsheet, also if it is copied from
a web page. An apostrophe before it makes it text.
"""

from __future__ import annotations

import pandas as pd

__all__ = ["neutralise", "neutralise_table"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> neutralise("=1+1"), neutralise("Plan for 2027")
    ("'=1+1", 'Plan for 2027')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def neutralise_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are neutralised; numbers and times stay."""

    def cell(value: object) -> object:
        return neutralise(value) if isinstance(value, str) else value

    found = table.copy()
    for place, dtype in enumerate(table.dtypes):
        if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype):
            values = [cell(value) for value in table.iloc[:, place]]
            column = pd.Series(values, index=table.index, dtype=object)
            found[table.columns[place]] = column
    found.index = found.index.map(cell) if len(found) else found.index
    found.index.name = table.index.name
    return found.rename(columns=cell)
