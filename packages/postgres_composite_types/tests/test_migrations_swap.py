"""Values that a change of a type must carry."""

from __future__ import annotations

import pytest
from django.db import DataError, transaction
from hypothesis import given
from hypothesis import strategies as st

from postgres_composite_types.schema.swap import (
    fill_member,
    quote_literal,
    swap_member,
)
from tests.stored import INNER, run, values

pytestmark = pytest.mark.django_db


def test_a_member_of_another_type_keeps_every_value(stored):
    before, parted = values(), run("SELECT x::text FROM parted ORDER BY 1")

    run(swap_member(INNER, "n", "bigint", None))

    assert values() == before
    assert run("SELECT x::text FROM parted ORDER BY 1") == parted
    assert run("SELECT pg_typeof((x).n)::text FROM stored")[0] == ("bigint",)


def test_a_null_and_a_row_of_nulls_stay_apart(stored):
    run("INSERT INTO parted VALUES (1, '(,)')")

    run(swap_member(INNER, "n", "numeric", None))

    found = run("SELECT x::text, x IS NOT DISTINCT FROM NULL FROM parted ORDER BY 1")
    assert found == [("(,)", False), ("(4,x)", False), (None, True)]


@pytest.mark.parametrize(
    ("old", "value", "new", "result"),
    [
        pytest.param("numeric(6,2)", "1.50", "int", "2", id="numeric to int"),
        pytest.param("bool", "t", "int", "1", id="bool to int"),
        pytest.param("int", "7", "varchar(3)", "7", id="int to text"),
        pytest.param("text", "2020-01-31", "date", "2020-01-31", id="text to date"),
        pytest.param("varchar(9)[]", "{1,NULL}", "int[]", "{1,NULL}", id="arrays"),
        pytest.param("text", '{"a": 1}', "jsonb", '{"a": 1}', id="text to json"),
    ],
)
def test_a_member_is_cast_as_a_column_would_be(old, value, new, result):
    run(f"CREATE TYPE casted AS (m {old}); CREATE TABLE kept (c casted)")
    run(f"INSERT INTO kept VALUES (ROW('{value}'))")

    run(swap_member("casted", "m", new, None))

    assert run("SELECT (c).m::text FROM kept") == [(result,)]


def test_what_is_too_long_is_not_cut_off(stored):
    run('UPDATE stored SET x."we ""ird" = \'longer\' WHERE id = 1')

    with pytest.raises(DataError, match="too long"), transaction.atomic():
        run(swap_member(INNER, 'we "ird', "varchar(3)", None))

    assert run('SELECT (x)."we ""ird" FROM stored WHERE id = 1') == [("longer",)]


def test_a_collation_changes(stored):
    run(swap_member(INNER, 'we "ird', "varchar(10)", '"C"'))

    collations = run(
        "SELECT attcollation::regcollation::text FROM pg_attribute"
        f" WHERE attrelid = to_regclass('{INNER}') AND attname = 'we \"ird'"
    )
    assert collations == [('"C"',)]


def test_a_filled_member_has_its_value_everywhere(stored):
    run(f"ALTER TYPE {INNER} ADD ATTRIBUTE k text")

    run(fill_member(INNER, "k", "'x'::text"))

    assert values() == [
        (
            "(1,a,x)",
            '{"(2,b,x)",NULL,"(,,x)"}',
            '("{""(t,\\\\""(3,c,x)\\\\"",\\\\""{\\\\""\\\\""(4,d,x)\\\\""\\\\""}\\\\"")""}",1.50)',
            2,
            "(1,a,x)",
        ),
        ("(5,,x)", '{{"(1,a,x)",NULL},{"(2,b,x)","(,,x)"}}', None, 10, "(5,,x)"),
        ("(6,,x)", None, "(,)", 12, "(6,,x)"),
    ]
    assert run("SELECT x::text FROM parted ORDER BY 1") == [("(4,x,x)",), (None,)]


@given(st.one_of(st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_any_text_is_a_literal(text):
    assert run(f"SELECT {quote_literal(text)}, {quote_literal([text])}") == [
        (text, [text])
    ]
