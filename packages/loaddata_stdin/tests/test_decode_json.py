from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.read.decode_json import json_values
from loaddata_stdin.read.source import Source

from .documents import OBJECTS
from .streams import A, B, objects, reader, values


@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 40))
def test_json_arrives_as_the_standard_library_reads_it(
    given, ascii_only, indent, piece
):
    text = json.dumps(given, ensure_ascii=ascii_only, indent=indent)
    text = text if ascii_only else text.encode("utf-8", "replace").decode()

    assert values(text, piece) == json.loads(text)


KEYS = st.sampled_from(["model", "fields", "a", "b", ":", '"', '":', " :", "é"])
PAIRS = st.recursive(
    st.sampled_from([1, "a", '":', " :", ":", "b : c", '"', None]),
    lambda inner: (
        st.lists(st.tuples(KEYS, inner), max_size=3).map(tuple)
        | st.lists(inner, max_size=2)
    ),
    max_leaves=12,
)
COLONS = st.sampled_from([":", ": ", " : ", "\n:", "\t\r: "])


def written(value, colon):
    """Return a value with tuples of pairs as JSON, and whether a key is repeated."""
    if isinstance(value, tuple):
        parts = [written(each, colon) for _, each in value]
        keys = [key for key, _ in value]
        texts = [
            json.dumps(key) + colon + text
            for key, (text, _) in zip(keys, parts, strict=True)
        ]
        is_repeated = len({*keys}) < len(keys) or any(each for _, each in parts)
        return "{" + ", ".join(texts) + "}", is_repeated
    if isinstance(value, list):
        parts = [written(each, colon) for each in value]
        return f"[{', '.join(text for text, _ in parts)}]", any(r for _, r in parts)
    return json.dumps(value), False


@given(st.lists(st.tuples(KEYS, PAIRS), max_size=3).map(tuple), COLONS)
def test_a_key_that_is_there_twice_is_found_at_any_depth(pairs, colon):
    text, is_repeated = written(pairs, colon)

    if is_repeated:
        with pytest.raises(FixtureSyntaxError, match="is there twice"):
            list(json_values(Source(iter([text.encode()])), Limits()))
    else:
        [(_, _, value)] = json_values(Source(iter([text.encode()])), Limits())
        assert value == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        pytest.param('{"model": 1, "model": 1}', (1, 14), "model", id="of the object"),
        pytest.param('{"fields": {"a": 1,\n "a": 2}}', (2, 2), "a", id="of its fields"),
        pytest.param('{"fields": {"a" : 1, "a": 2}}', (1, 22), "a", id="with a space"),
        pytest.param('{"fields": {"a": {"b": 1, "b": 2}}}', (1, 1), "b", id="in JSON"),
        pytest.param(
            '[{"fields": {"a": [{"b":1,"b":2}]}}]', (1, 2), "b", id="in a list"
        ),
    ],
)
def test_a_key_that_is_there_twice_is_refused_with_its_place(text, place, key):
    with pytest.raises(FixtureSyntaxError) as caught:
        objects(text)

    line, column = place
    assert str(caught.value) == (
        f"line {line}, column {column}: no JSON: the key '{key}' is there twice."
    )


@given(OBJECTS, st.integers(1, 40))
def test_json_lines_arrive_as_the_standard_library_reads_them(given, piece):
    text = "".join(json.dumps(item) + "\n" for item in given)

    assert values(text, piece) == given
    assert not reader(text).is_end_certain


@given(OBJECTS, st.data())
def test_json_cut_anywhere_is_never_taken_for_whole(given, data):
    text = json.dumps(given)
    end = data.draw(st.integers(1, len(text) - 1))

    with pytest.raises(FixtureSyntaxError):
        objects(text[:end])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(json.dumps([A, B]), [A, B], id="list"),
        pytest.param(json.dumps(A), [A], id="one object"),
        pytest.param(f"{json.dumps(A)}\n{json.dumps(B)}\n", [A, B], id="lines"),
        pytest.param(f"[{json.dumps(A)}]\n[{json.dumps(B)}]", [A, B], id="lists"),
        pytest.param("[]", [], id="empty list"),
        pytest.param("[ ] " + json.dumps([B]), [B], id="an empty list first"),
        pytest.param(f"[{json.dumps(A)}]{json.dumps(B)}", [A, B], id="list and object"),
        pytest.param("\n \t\r\n", [], id="white space"),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_every_shape_gives_its_objects(text, expected, piece):
    assert values(text, piece) == expected


@pytest.mark.parametrize(
    ("text", "is_certain"),
    [
        (json.dumps([A]), True),
        ("[]", True),
        (json.dumps(A), False),
        (f"{json.dumps([A])}\n{json.dumps(A)}", False),
    ],
)
def test_only_the_end_of_a_list_is_certain(text, is_certain):
    source = reader(text)
    list(source)

    assert source.is_end_certain is is_certain


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"[{json.dumps(A)},\n  {json.dumps(B)}]", [(1, 2), (2, 3)]),
        (f"\n\n{json.dumps(A)} {json.dumps(A)}", [(3, 1), (3, 2 + len(json.dumps(A)))]),
        (json.dumps([A, B], indent=2, ensure_ascii=False), [(2, 3), (14, 3)]),
        (f"{json.dumps(A)}\n[\n{json.dumps(B)}\n]", [(1, 1), (3, 1)]),
        (f'[{{"model": "漢", "fields": {{}}}}, {json.dumps(A)}]', [(1, 2), (1, 32)]),
    ],
)
def test_objects_know_where_they_begin(text, places, piece):
    assert [(item.line, item.column) for item in objects(text, piece)] == places


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
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
            "line 2, column 1: no JSON: Expecting value (the text ends here: is it cut"
            " off?).",
            id="cut after an object",
        ),
        pytest.param(
            '[{"model": "m", "fields": {}}',
            "line 1, column 30: no JSON: expected ',' or ']' (the text ends here: is it"
            " cut off?).",
            id="cut in a list",
        ),
        pytest.param(
            '[{"model": "m", "fields": {}},\n {"model": "a\nb"}]',
            "line 2, column 14: no JSON: Invalid control character at.",
            id="control character",
        ),
        pytest.param(
            "[",
            "line 1, column 2: no JSON: Expecting value (the text ends here: is it cut"
            " off?).",
            id="only a bracket",
        ),
        pytest.param(
            "{model: m}",
            "line 1, column 2: no JSON: Expecting property name enclosed in double"
            " quotes.",
            id="YAML in braces",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(text, message, piece):
    with pytest.raises(FixtureSyntaxError) as caught:
        objects(text, piece)

    assert str(caught.value) == message


def _nested(depth):
    value = {"model": "m", "fields": {}}
    value["fields"]["a"] = json.loads("[" * (depth - 2) + "]" * (depth - 2))
    return json.dumps([value])


def test_depth_is_bounded():
    assert objects(_nested(200))
    with pytest.raises(FixtureSyntaxError, match=r"line 1, column 2: .* too deeply"):
        objects(_nested(201))


def _sized(size):
    text = json.dumps({"model": "m", "fields": {"a": ""}})
    return text.replace('""', '"' + "x" * (size - len(text)) + '"')


def test_an_object_is_as_large_as_the_limit_says():
    limits = Limits(object_size=100_000)

    assert objects(f"[{_sized(100_000)}, {_sized(99_999)}]", limits=limits)
    for size in (100_001, 1_000_000):
        with pytest.raises(FixtureSyntaxError) as caught:
            objects(f"[{_sized(10)},\n{_sized(size)}]", limits=limits)
        assert str(caught.value) == (
            "line 2, column 1: the object is longer than 100000 characters;"
            " raise --max-object-size."
        )
