from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.objects import Written

from .documents import OBJECTS
from .streams import A, B, objects, reader, values


@given(OBJECTS, st.booleans(), st.sampled_from([None, True, False]), st.integers(1, 40))
def test_yaml_arrives_as_pyyaml_reads_it(given, allow_unicode, is_flow, piece):
    text = yaml.safe_dump(
        given, allow_unicode=allow_unicode, default_flow_style=is_flow, sort_keys=False
    )

    assert values(text, piece, format_name="yaml") == yaml.safe_load(text)


@given(st.text("-: []{}&*!|>'\"\n a1#%?,.<~é\t=0x:_no", max_size=30))
def test_a_value_is_what_pyyaml_makes_of_it_or_refused(text):
    text = f"model: m\nfields:\n  a: {text}\n"
    try:
        expected = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, KeyError, IndexError, TypeError):
        expected = None

    try:
        [item] = values(text, format_name="yaml")
    except FixtureSyntaxError:
        return  # Keys that are no text or there twice, and values outside of fixtures.

    if json.dumps(expected, default=str) == json.dumps(item, default=str):
        return
    # Where PyYAML fails on a value that looks like a number, it is a text.
    assert expected is None or _has_other_keys(expected)


def _has_other_keys(value):
    if isinstance(value, dict):
        return not all(isinstance(key, str) for key in value) or any(
            map(_has_other_keys, value.values())
        )
    return isinstance(value, list) and any(map(_has_other_keys, value))


@given(OBJECTS, st.booleans(), st.data())
def test_yaml_cut_anywhere_is_refused_or_not_certain(given, is_marked, data):
    text = yaml.safe_dump(given, allow_unicode=True, explicit_end=is_marked)
    end = data.draw(st.integers(0, len(text)))
    source = reader(text[:end], format_name="yaml")

    try:
        count = len(list(source))
    except FixtureSyntaxError:
        return

    assert source.is_end_certain == (is_marked and end >= len(text) - 1)
    assert count == len(given) or not source.is_end_certain


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(yaml.safe_dump([A, B]), [A, B], id="list"),
        pytest.param(yaml.safe_dump(A), [A], id="one mapping"),
        pytest.param(yaml.safe_dump_all([[A], B]), [A, B], id="documents"),
        pytest.param("---\n---\n" + yaml.safe_dump(A), [A], id="an empty document"),
        pytest.param("--- []\n---\n" + yaml.safe_dump(A), [A], id="an empty list"),
        pytest.param(
            "  - model: m\n    fields: {}\n  - model: m\n    fields: {}",
            [{"model": "m", "fields": {}}] * 2,
            id="indented list",
        ),
        pytest.param(
            "\n\n   model: m\n   fields: {}",
            [{"model": "m", "fields": {}}],
            id="indented mapping",
        ),
        pytest.param("%YAML 1.1\n---\n" + yaml.safe_dump(A), [A], id="directive"),
        pytest.param("# nothing\n", [], id="a comment"),
    ],
)
def test_every_shape_gives_its_objects(text, expected, piece):
    assert values(text, piece) == expected


def scalars(text):
    [item] = objects(f"model: m\nfields: {{a: {text}}}")
    return item.fields["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("010", Written(8, "010")),
        ("no", Written(False, "no")),
        ("true", Written(True, "true")),
        ("1:20", Written(80, "1:20")),
        ("1_000", Written(1000, "1_000")),
        ("3.10", Written(3.1, "3.10")),
        ("3.1", 3.1),
        ("0x1F", Written(31, "0x1F")),
        ("12", 12),
        ("1e3", "1e3"),
        ("~", None),
        ("null", None),
        ("=", "="),
        ("2026-13-45", "2026-13-45"),
        ("'010'", "010"),
        ('"no"', "no"),
        ("!!str 010", "010"),
        ("! 010", Written(8, "010")),
        ("!!int 010", 8),
        ("!!float 3", 3.0),
        ("!!bool yes", True),
        ("!!null x", None),
        ("!!binary aGk=", b"hi"),
        ("[010, [no]]", [Written(8, "010"), [Written(False, "no")]]),
        ("{b: 010, c: [no]}", {"b": 8, "c": [False]}),
        ("{1: 1, no: 2}", {"1": 1, "no": 2}),
        ("!!seq [1]", [1]),
        ("!!map {b: 1}", {"b": 1}),
    ],
)
def test_a_scalar_keeps_what_was_written_where_that_is_something_else(text, expected):
    value = scalars(text)

    assert value == expected
    assert type(value) is type(expected)


def test_dates_are_dates():
    assert str(scalars("2026-03-01")) == "2026-03-01"
    assert scalars("2026-03-01T12:00:00").text == "2026-03-01T12:00:00"
    assert scalars("2026-03-01T12:00:00Z").value.tzinfo is not None


def test_anchors_reach_later_objects_of_their_document():
    text = (
        "- &first {model: m, fields: &fields {name: &name a, size: 010}}\n"
        "- {model: m, fields: {<<: *fields, size: 2}}\n"
        "- {model: m, fields: {<<: [{size: 3, b: 1}, *fields]}}\n"
        "- {model: m, fields: {name: *name, json: {deep: *fields}}}\n"
        "- *first\n"
    )
    a = {"name": "a", "size": Written(8, "010")}

    assert [item.fields for item in objects(text)] == [
        a,
        {"name": "a", "size": 2},
        {"name": "a", "size": 3, "b": 1},
        {"name": "a", "json": {"deep": {"name": "a", "size": 8}}},
        a,
    ]


def test_anchors_do_not_reach_the_next_document():
    text = "model: m\nfields: &a {}\n---\nmodel: m\nfields: *a\n"

    with pytest.raises(FixtureSyntaxError) as caught:
        objects(text)

    assert str(caught.value) in {
        "line 5, column 9: no YAML: there is no anchor 'a' before this.",
        "line 5, column 9: no YAML: found undefined alias.",
    }


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_objects_know_where_they_begin(piece):
    text = (
        "# ü\n- model: 漢\n  fields: {}\n- {model: m, fields: {}}\n---\n"
        "\nmodel: m\nfields: {}\n...\n--- {model: m, fields: {}}\n...\n - model: m\n"
        "   fields: {}\n"
    )

    places = [(item.line, item.column) for item in objects(text, piece)]

    assert places == [(2, 3), (4, 3), (7, 1), (10, 5), (12, 4)]


def test_only_three_dots_make_the_end_certain():
    for text, is_certain in [
        ("model: m\nfields: {}\n", False),
        ("model: m\nfields: {}\n...\n", True),
        ("model: m\nfields: {}\n...\n# the end\n", True),
        ("- model: m\n  fields: {}\n...", True),
        ("model: m\nfields: {}\n...\n---\nmodel: m\nfields: {}\n", False),
    ]:
        source = reader(text)
        list(source)
        assert source.is_end_certain is is_certain, text
