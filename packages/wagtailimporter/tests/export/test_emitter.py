"""What is written means the same to readers of YAML 1.1 and 1.2."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from wagtailimporter.export.emitter import dump_document, dump_documents
from wagtailimporter.parse.values import Mapping, Scalar, Sequence, Value
from wagtailimporter.parse.yaml_text import parse

# Surrogates are no text: PostgreSQL and UTF-8 take none.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)


def by_ruamel(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    return reader.load(text)


def plain(value: Value) -> Any:
    """Return what our own parser reads, texts as texts."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.entries.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    assert isinstance(value, Scalar)
    return None if value.is_null else value.text


@given(st.dictionaries(texts, values, min_size=1))
@example({"a": "1e3"})
@example({"a": "0o7", "b": "010", "c": "0x1f", "d": "12:30", "e": "1_000"})
@example({"y": "n", "on": "off", "~": "null", "=": "<<"})
@example({"a": "line\x85break", "b": "\u2028", "c": "\ufeff", "d": "\U0001f600 x"})
@example({"a": "two\nlines", "b": "two\nlines\n", "c": " x\ny", "d": "x\n\n\ny\n"})
@example({"a": "x\n  indented\n# no comment\n- no item\n--- no end\n"})
@example({"a": 1e16, "b": 1.5, "c": -0.0, "d": 1e-7})
@example({"a": [{"b": [[1, 2], {"c": {"d": "e, f"}}]}, [], {}]})
def test_both_readers_read_what_was_written(data):
    text = dump_document(data)

    assert yaml.load(text, yaml.CSafeLoader) == data
    assert by_ruamel(text) == data


@given(st.dictionaries(texts, texts, min_size=1))
def test_the_importer_reads_texts_as_they_were(data):
    [document] = parse(dump_document(data).encode(), "x.yaml")

    assert plain(document) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"title": "About us"}, "title: About us\n"),
        ({"url": "/about"}, "url: /about\n"),
        ({"slug": "010", "live": False}, 'slug: "010"\nlive: false\n'),
        ({"other": {"page": "/a"}}, "other: {page: /a}\n"),
        ({"body": [{"type": "h", "value": "x"}]}, "body:\n- type: h\n  value: x\n"),
        ({"a": "one\ntwo"}, "a: |-\n  one\n  two\n"),
        ({"smile": "\U0001f600"}, 'smile: "\U0001f600"\n'),
        ({"rows": [], "data": {}}, "rows: []\ndata: {}\n"),
    ],
)
def test_it_reads_like_what_people_write(data, text):
    assert dump_document(data) == text


def test_documents_are_separated():
    assert dump_documents([{"a": "x"}, {"a": "z"}]) == "a: x\n---\na: z\n"
