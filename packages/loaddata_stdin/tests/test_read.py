from __future__ import annotations

import json
import tracemalloc

import pytest
from django.core import serializers
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import FixtureSyntaxError

from .streams import COMPRESSIONS, ENCODINGS, objects, reader, values

DOCUMENTS = {
    "json": '[{"model": "m", "pk": "1", "fields": {"a": "b"}}]',
    "jsonl": '{"model": "m", "pk": "1", "fields": {"a": "b"}}\n' * 2,
    "xml": '<?xml version="1.0"?>\n<a><object model="m" pk="1"><field name="a">b</field>'
    "</object></a>",
    "yaml": "- model: m\n  pk: '1'\n  fields: {a: b}\n",
    "one mapping": "model: m\npk: '1'\nfields: {a: b}\n",
    "ended": "model: m\npk: '1'\nfields: {a: b}\n...\n",
}
OBJECT = {"model": "m", "pk": "1", "fields": {"a": "b"}}


@given(
    st.lists(st.sampled_from(sorted(DOCUMENTS)), min_size=1, max_size=4),
    st.integers(1, 60),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
    st.sampled_from([None, *COMPRESSIONS]),
)
def test_documents_of_every_format_may_follow_each_other(
    names, piece, encoding, compression
):
    text = ""
    for before, name in zip([None, *names], names, strict=False):
        is_yaml = before in {"yaml", "one mapping"}
        text += (
            "---\n" if is_yaml and name in {"yaml", "one mapping", "ended"} else "\n"
        )
        text += DOCUMENTS[name]
    data = text.encode(encoding)
    if compression:
        data = COMPRESSIONS[compression](data)

    found = objects(data, piece)

    formats = [name for name in names for _ in range(1 + (name == "jsonl"))]
    assert [item.values for item in found] == [OBJECT] * len(formats)
    lines = text.split("\n")
    for item in found:
        assert lines[item.line - 1][item.column - 1] in "m{<"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_byte_order_mark_may_stand_before_every_file(encoding):
    documents = [*DOCUMENTS.values(), DOCUMENTS["one mapping"]]
    text = "".join(f"\ufeff{document}\n" for document in documents)

    for piece in (1, 64, 1000):
        assert values(text.encode(encoding), piece) == [OBJECT] * 8


@pytest.mark.parametrize("name", ["json", "jsonl", "xml", "yaml"])
def test_a_format_that_is_given_is_that_of_all(name):
    assert values(DOCUMENTS[name], format_name=name)[0] == OBJECT
    others = [other for other in ("json", "xml", "yaml") if other != name]
    for other in others if name != "yaml" else ["xml"]:
        if (name, other) != ("jsonl", "json"):
            with pytest.raises(FixtureSyntaxError, match=r"^line 1, column 1[:,] "):
                objects(DOCUMENTS[other], format_name=name)


def test_with_yaml_given_what_looks_like_json_is_yaml():
    text = "[{model: m, pk: '1', fields: {a: b}}]"

    assert values(text, format_name="yaml") == [OBJECT]
    with pytest.raises(FixtureSyntaxError, match="no JSON"):
        objects(text)
    with pytest.raises(FixtureSyntaxError, match="no YAML"):
        objects("{a b", format_name="yaml")


COUNTS = ['{"count": %d}\n', "---\ncount: %d\n", '\n[{"count": %d}]']


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_count_makes_the_end_certain(name, count):
    if name not in {"yaml", "one mapping"} or "count:" not in count:
        text = DOCUMENTS[name] + count.replace("---\n", "")
    else:
        text = DOCUMENTS[name] + count
    number = 1 + (name == "jsonl")
    source = reader(text % number)

    assert len(list(source)) == source.count == number
    assert source.is_counted
    assert source.is_end_certain
    for wrong in (number - 1, number + 1):
        with pytest.raises(FixtureSyntaxError) as caught:
            objects(text % wrong)
        assert str(caught.value) == (
            f"the stream announced {wrong} objects, and {number} came: is it cut off?"
        )


def test_nothing_may_follow_the_count():
    with pytest.raises(FixtureSyntaxError) as caught:
        objects('{"count": 0}\n{"count": 0}\n')

    assert str(caught.value) == (
        "line 2, column 1, nothing may follow the record with the count."
    )


@pytest.mark.parametrize("count", ["true", '"1"', "1.0", "null"])
def test_a_count_is_a_number(count):
    with pytest.raises(FixtureSyntaxError, match="expected a mapping with 'model'"):
        objects(f'{{"count": {count}}}')


@pytest.mark.parametrize("name", DOCUMENTS)
def test_as_many_objects_must_come_as_are_expected(name):
    number = 1 + (name == "jsonl")
    source = reader(DOCUMENTS[name], expect=number)

    assert len(list(source)) == number
    assert source.is_end_certain
    with pytest.raises(
        FixtureSyntaxError, match=f"announced 7 objects, and {number} ca"
    ):
        objects(DOCUMENTS[name], expect=7)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_end_must_be_marked_where_that_is_expected(name):
    is_marked = name in {"json", "xml", "ended"}

    if is_marked:
        assert objects(DOCUMENTS[name], expect="end")
    else:
        with pytest.raises(FixtureSyntaxError, match="nothing marks the end after"):
            objects(DOCUMENTS[name], expect="end")


@given(st.lists(st.just(OBJECT), max_size=4), st.data())
def test_counted_lines_cut_anywhere_are_refused_or_not_certain(given, data):
    text = "".join(json.dumps(item) + "\n" for item in given)
    text += json.dumps({"count": len(given)})
    end = data.draw(st.integers(0, len(text) - 1))
    source = reader(text[:end])

    try:
        list(source)
    except FixtureSyntaxError:
        return

    assert not source.is_end_certain


TOKENS = [
    *"[]{}<>:,-\"'&*!|%#\n \t\0aé1",
    "model: m\n",
    "fields: {}\n",
    "- ",
    "---\n",
    "...\n",
    '{"model": "m", "fields": {}}',
    "<a>",
    "</a>",
    '<object model="m">',
    "</object>",
    "<field name='a'>",
    "<?xml version='1.0'?>",
    "<!--",
    "-->",
    "\ufeff",
]


@given(
    st.lists(st.sampled_from(TOKENS), max_size=12).map("".join).map(str.encode)
    | st.binary(max_size=20),
    st.sampled_from([None, "json", "jsonl", "xml", "yaml"]),
    st.integers(1, 30),
)
def test_whatever_comes_is_read_or_refused_in_one_line(data, format_name, piece):
    def result(size):
        try:
            return len(objects(data, size, format_name=format_name))
        except FixtureSyntaxError as error:
            return "several lines" if "\n" in str(error) else "refused"

    assert result(piece) == result(1 << 20) != "several lines"


def test_keys_and_places_are_said_of_an_object():
    [first, second] = objects(
        "- {model: m, pk: 010, fields: {}}\n- {model: m, fields: {}}"
    )

    assert str(first) == "line 1, column 3, object 1 (m pk=010)"
    assert str(second) == "line 2, column 3, object 2 (m)"
    assert (first.pk.value, first.fields) == (8, {})


def test_an_object_without_fields_in_it_is_told_so():
    for value, kind in (("null", "NoneType"), ("[]", "list"), ("1", "int")):
        with pytest.raises(FixtureSyntaxError, match=f"a str and a {kind} in them"):
            objects(f'[{{"model": "m", "fields": {value}}}]')


def test_a_dump_of_django_needs_no_format():
    for name in ("json", "jsonl", "xml", "yaml"):
        assert objects(serializers.serialize(name, [])) == []


@pytest.mark.parametrize("name", ["json", "jsonl", "xml", "yaml"])
def test_one_object_is_in_memory_at_a_time(name):
    one = {
        "json": '{"model": "m", "fields": {"text": "%s"}},\n',
        "jsonl": '{"model": "m", "fields": {"text": "%s"}}\n',
        "xml": '<object model="m"><field name="text">%s</field></object>\n',
        "yaml": "- {model: m, fields: {text: %s}}\n",
    }[name] % ("x" * 10_000)
    start, end = {
        "json": ("[", '{"model": "m", "fields": {}}]'),
        "xml": ("<django-objects>", "</django-objects>"),
    }.get(name, ("", ""))
    sent = (start + one * 1000 + end).encode()
    objects("model: m\nfields: {}")  # What is imported is no object.
    source = reader(sent)
    tracemalloc.start()
    try:
        count = sum(1 for _ in source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count in {1000, 1001}
    assert peak < len(sent) / 4


def test_of_a_large_object_there_are_few_copies():
    # One such character makes all of them take four bytes.
    text = "\N{TOMATO}" + "x" * 1_000_000
    one = json.dumps({"model": "m", "fields": {"text": text}}, ensure_ascii=False)
    source = reader("\n".join([one] * 5).encode())

    tracemalloc.start()
    try:
        count = sum(1 for _ in source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 5
    assert peak < 15 * 1024 * 1024


def test_an_object_is_gone_when_the_next_one_is_read():
    # In Python it takes 25 times its text.
    one = '{"model": "m", "fields": {"lists": [%s[]]}}\n' % ("[]," * 60_000)
    source = iter(reader(one.encode() * 3))

    tracemalloc.start()
    try:
        for item in source:
            assert len(item.fields["lists"]) == 60_001
            del item
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 7 * 1024 * 1024
