from __future__ import annotations

import builtins
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.decode import decode, sniff
from loaddata_stdin.exceptions import FixtureSyntaxError

A = {"model": "shop.item", "pk": 1, "fields": {"name": "a"}}
B = {"model": "shop.item", "fields": {"name": "b"}}


def values(text):
    return [item.values for item in decode(text, sniff(text))]


@pytest.mark.parametrize(
    ("text", "format_name"),
    [
        ("[]", "json"),
        ('\n  {"model": 1}', "json"),
        ("- model: x", "yaml"),
        ("model: x", "yaml"),
        ("--- \n", "yaml"),
        ("", "yaml"),
    ],
)
def test_the_format_is_told_by_the_first_character(text, format_name):
    assert sniff(text) == format_name


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        pytest.param(json.dumps([A, B]), [A, B], id="JSON list"),
        pytest.param(json.dumps(A), [A], id="one JSON object"),
        pytest.param(f"{json.dumps(A)}\n{json.dumps(B)}\n", [A, B], id="JSON lines"),
        pytest.param(f"[{json.dumps(A)}]\n[{json.dumps(B)}]", [A, B], id="JSON lists"),
        pytest.param("[]", [], id="empty JSON list"),
        pytest.param("[ ] " + json.dumps([B]), [B], id="an empty list first"),
        pytest.param(yaml.safe_dump([A, B]), [A, B], id="YAML list"),
        pytest.param(yaml.safe_dump(A), [A], id="one YAML mapping"),
        pytest.param(yaml.safe_dump_all([[A], B]), [A, B], id="YAML documents"),
        pytest.param("---\n---\n" + yaml.safe_dump(A), [A], id="an empty document"),
        pytest.param("", [], id="nothing"),
        pytest.param("# nothing\n", [], id="a comment"),
    ],
)
def test_every_shape_of_a_stream_gives_its_objects(text, objects):
    assert values(text) == objects


def test_yaml_anchors_reach_later_objects_of_their_document():
    text = (
        "- &first {model: shop.item, fields: &fields {name: a}}\n"
        "- {model: shop.item, fields: {<<: *fields, size: 2}}\n"
        "- *first\n"
    )

    assert [item["fields"] for item in values(text)] == [
        {"name": "a"},
        {"name": "a", "size": 2},
        {"name": "a"},
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param(
            f"[{json.dumps(A)},\n  {json.dumps(B)}]", [(1, 2), (2, 3)], id="J"
        ),
        pytest.param(f"\n\n{json.dumps(A)} {json.dumps(B)}", [(3, 1), (3, 58)], id="j"),
        pytest.param(
            "- model: m\n  fields: {}\n- model: m\n  fields: {}\n",
            [(1, 3), (3, 3)],
            id="Y",
        ),
        pytest.param(
            "---\nmodel: m\nfields: {}\n---\n\nmodel: m\nfields: {}",
            [(2, 1), (6, 1)],
            id="y",
        ),
    ],
)
def test_objects_know_where_they_begin(text, places):
    assert [(item.line, item.column) for item in decode(text, sniff(text))] == places


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[{"a": ]', "line 1, column 8: no JSON: Expecting value.", id="value"
        ),
        pytest.param(
            '[{"model": "m", "fields": {}} {}]',
            "line 1, column 31: no JSON: expected ',' or ']'.",
            id="comma",
        ),
        pytest.param(
            '[{"model": "m", "fields": {}},\n',
            "line 2, column 1: no JSON: Expecting value (the text ends here: is it cut off?).",
            id="cut after an object",
        ),
        pytest.param(
            '[{"model": "m", "fields": {}}',
            "line 1, column 30: no JSON: expected ',' or ']' (the text ends here: is it cut off?).",
            id="cut in a list",
        ),
        pytest.param(
            "[",
            "line 1, column 2: no JSON: Expecting value (the text ends here: is it cut off?).",
            id="only a bracket",
        ),
        pytest.param(
            "[[" * 100_000, "line 1, column 2: no JSON: nested too deeply.", id="deep"
        ),
        pytest.param(
            "- a: b: c\n",
            "line 1, column 7: no YAML: mapping values are not allowed in this context.",
            id="yaml",
        ),
        pytest.param(
            "- {model: m, fields: {}\n",
            "line 2, column 1: no YAML: while parsing a flow mapping did not find expected ',' or '}'.",
            id="yaml cut off",
        ),
        pytest.param(
            "- !!python/object:os.system {}\n",
            "line 1, column 3: no YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'.",
            id="tag",
        ),
        pytest.param(
            "a\0b",
            "no YAML: unacceptable character #x0000: control characters",
            id="control character",
        ),
        pytest.param(
            "just words",
            "line 1, column 1, object 1: expected a mapping with 'model' and 'fields', got str.",
            id="words",
        ),
        pytest.param(
            "- model: m\n  fields: {}\n- pk: 1\n",
            "line 3, column 3, object 2: expected a mapping with 'model' and 'fields', got one with 'pk'.",
            id="no model",
        ),
        pytest.param(
            "{}",
            "object 1: expected a mapping with 'model' and 'fields', got one with nothing.",
            id="empty",
        ),
        pytest.param(
            "model: m\nfields: [a]\n",
            "got one with 'model', 'fields'.",
            id="fields in a list",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(text, message):
    with pytest.raises(FixtureSyntaxError) as caught:
        decode(text, sniff(text))

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_pyyaml_the_message_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def import_without_yaml(name, *args, **kwargs):
        if name == "yaml":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_yaml)

    with pytest.raises(FixtureSyntaxError, match=r"fieldkit-loaddata-stdin\[yaml\]"):
        decode("model: x", "yaml")


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECTS = st.lists(
    st.fixed_dictionaries(
        {"model": st.text(min_size=1), "fields": st.dictionaries(st.text(), VALUES)}
    )
)


@given(OBJECTS, st.booleans())
def test_json_arrives_as_the_standard_library_reads_it(objects, ascii_only):
    text = json.dumps(objects, ensure_ascii=ascii_only, indent=1)

    assert [item.values for item in decode(text, "json")] == objects


@given(OBJECTS, st.data())
def test_json_cut_anywhere_is_never_taken_for_whole(objects, data):
    text = json.dumps(objects)
    end = data.draw(st.integers(1, len(text) - 1))

    with pytest.raises(FixtureSyntaxError):
        decode(text[:end], "json")
