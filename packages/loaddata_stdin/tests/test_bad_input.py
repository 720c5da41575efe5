"""What harms others: refused in one line, quickly and in bounded memory."""

from __future__ import annotations

import math
import tracemalloc

import pytest

from loaddata_stdin.exceptions import FixtureSyntaxError, ObjectLoadError
from loaddata_stdin.limits import MIB

from .streams import COMPRESSIONS, objects
from .testapp.models import Everything

BOMB = "a: &a0 x\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
ENTITIES = (
    '<!DOCTYPE a [<!ENTITY a0 "x">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&a9;</a>"
)
DEEP = 400_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[" * DEEP, "line 1, column 2: no JSON: nested too", id="["),
        pytest.param('{"a":' * DEEP, "line 1, column 1: no JSON: nested too", id="{"),
        pytest.param(
            "a: " + "[" * DEEP,
            "line 1, column 1003: no YAML: while in",
            id="YAML [",
        ),
        pytest.param(
            "a: " + "{a: " * DEEP,
            "line 1, column 800: no YAML: nested too",
            id="YAML {",
        ),
        pytest.param(
            "- " * DEEP, "line 1, column 403: no YAML: nested too", id="YAML -"
        ),
        pytest.param("? " * DEEP, "line 1, column 3: no YAML: a key must be", id="?"),
        pytest.param("<a>" * DEEP, "line 1, column 601: no XML: nested too", id="<"),
        pytest.param(
            BOMB, "line 7, column 25: no YAML: the object is longer", id="alias bomb"
        ),
        pytest.param(
            "model: m\nfields: &a {b: *a}",
            "line 2, column 16: no YAML: there is no anchor 'a'",
            id="an anchor in itself",
        ),
        pytest.param(
            ENTITIES, "line 1, column 13: no XML: a document type", id="entity bomb"
        ),
        pytest.param(
            '[{"a": ' + "1" * 5000,
            "line 1, column 2: no JSON: a number is too long",
            id="number of JSON",
        ),
        pytest.param(
            "a: " + "1:" * 300_000 + "1",
            "line 1, column 1, object 1: expected a mapping with 'model'",
            id="number",
        ),
        pytest.param("!" * MIB, "line 1, column 1: no YAML: the tag 'tag", id="tag"),
        pytest.param(
            "- *" + "a" * MIB, "line 1, column 3: no YAML: there is no", id="alias"
        ),
        pytest.param(
            f"a: {{{'a' * MIB}: 1, {'a' * MIB}: 1}}", "line 1, column", id="keys"
        ),
        pytest.param(
            '{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}',
            "line 1, column 1, object 1: expected a mapping with 'model' and 'fields',"
            " got one with 'a', 'b', 'c', 'd', 'e', ....",
            id="many keys",
        ),
        pytest.param(
            "%" + "a" * 400_000,
            "line 1, column 400002: no YAML: while",
            id="a directive",
        ),
        pytest.param("&" + "a" * 4 * MIB, "line 1, column 1", id="endless anchor"),
        pytest.param('"' + " " * 4 * MIB, "line 1, column 1", id="endless scalar"),
        pytest.param('["' + "a" * 4 * MIB, "line 1, column 2: the object", id="string"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(content, message):
    objects("model: m\nfields: {}")  # Import what is needed.
    tracemalloc.start()
    try:
        with pytest.raises(FixtureSyntaxError) as caught:
            objects(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 300
    assert peak < len(content) + 12 * MIB


@pytest.mark.parametrize("name", [name for name in COMPRESSIONS if name != "zip"])
def test_many_compressed_spaces_take_no_memory(name):
    sent = COMPRESSIONS[name](b" " * 20 * MIB)
    tracemalloc.start()
    try:
        assert objects(sent) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 12 * MIB


NUMBER = "1" * 5000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param('{"big": 9223372036854775808}', "out of range", id="65 bits"),
        pytest.param(f'{{"big": "{NUMBER}"}}', "must be an integer", id="digits"),
        pytest.param('{"big": NaN}', "must be an integer", id="NaN"),
        pytest.param('{"big": 1e999}', "cannot convert float infinity", id="Infinity"),
        pytest.param('{"decimal": NaN}', "must be a decimal number", id="decimal NaN"),
        pytest.param(
            '{"json": NaN}', "invalid input syntax for type json", id="json NaN"
        ),
        pytest.param('{"text": "a\\u0000b"}', "NUL", id="NUL"),
        pytest.param('{"text": "a\\ud800b"}', "surrogates not allowed", id="surrogate"),
        pytest.param(
            '{"json": "a\\u0000b"}', "unsupported Unicode escape", id="json NUL"
        ),
        pytest.param(
            '{"json": "\\ud800"}', "invalid input syntax", id="json surrogate"
        ),
    ],
)
@pytest.mark.parametrize("template", ["[{}]", "- {}\n"], ids=["json", "yaml"])
def test_a_value_that_no_field_takes_is_said_of_its_object(
    loaddata, template, fields, problem
):
    good = '{"model": "testapp.everything", "pk": 1, "fields": {"big": 1}}'
    bad = good.replace('{"big": 1}', fields.replace("{", '{"boolean": true, ', 1))
    if template[0] == "-":
        bad = bad.replace("NaN", ".nan").replace("1e999", ".inf")

    with pytest.raises((ObjectLoadError, FixtureSyntaxError)) as caught:
        loaddata(template.format(bad))

    assert "line 1, column" in str(caught.value)
    problems = {problem, "invalid Unicode character escape"}  # YAML has no surrogates.
    assert any(one in str(caught.value) for one in problems)
    assert "\n" not in str(caught.value)
    assert not Everything.objects.exists()


@pytest.mark.django_db
def test_a_number_that_is_none_is_right_where_a_field_takes_it(loaddata):
    loaddata('{"model": "testapp.everything", "fields": {"big": 1, "floating": NaN}}')
    loaddata("model: testapp.everything\nfields: {big: 1, floating: .nan}")

    assert all(math.isnan(item.floating) for item in Everything.objects.all())
    assert Everything.objects.count() == 2
