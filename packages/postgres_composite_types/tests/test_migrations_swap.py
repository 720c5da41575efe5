"""Values that a change of a type must carry, and what it must refuse."""

from __future__ import annotations

import pytest
from django.db import DataError, NotSupportedError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from postgres_composite_types.evolution.swap import (
    fill_member,
    quote_literal,
    reorder_members,
    swap_member,
)

pytestmark = pytest.mark.django_db

INNER = 'far."in ""n er"'
SCHEMA = f"""
CREATE SCHEMA far;
CREATE TYPE {INNER} AS (n int, "we ""ird" varchar(10));
COMMENT ON TYPE {INNER} IS 'the inner one';
COMMENT ON COLUMN {INNER}.n IS 'a number';
CREATE TYPE middle AS (a text COLLATE "C", i {INNER}, l {INNER}[]);
CREATE TYPE outmost AS (m middle[], z numeric(6, 2));
CREATE TABLE stored (
    id int PRIMARY KEY,
    x {INNER} NOT NULL DEFAULT '(1,a)',
    xs {INNER}[] DEFAULT '{{}}',
    o outmost,
    double int GENERATED ALWAYS AS ((x).n * 2) STORED UNIQUE NOT NULL,
    copy {INNER} GENERATED ALWAYS AS (x) STORED,
    CHECK ((x).n < 1000),
    CONSTRAINT not_seven CHECK (x <> '(7,a)'::{INNER})
);
COMMENT ON COLUMN stored.double IS 'computed';
CREATE INDEX of_member ON stored (((x).n));
CREATE INDEX of_whole ON stored (x);
CREATE INDEX partial ON stored (id) WHERE x = '(1,q)'::{INNER};
CREATE INDEX of_computed ON stored (double);
CREATE STATISTICS of_members ON ((x).n), ((o).z) FROM stored;
CREATE TABLE parted (id int, x {INNER}) PARTITION BY LIST (id);
CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
CREATE INDEX ON parted (((x).n));
CREATE TABLE other (t text DEFAULT (('(3,a)'::{INNER})."we ""ird"));
INSERT INTO stored (id, x, xs, o) VALUES
    (1, '(1,a)', ARRAY['(2,b)', NULL, '(,)']::{INNER}[],
     ROW(ARRAY[ROW('t', ROW(3, 'c'), ARRAY[ROW(4, 'd')]::{INNER}[])::middle], 1.5)),
    (2, '(5,)', '{{{{"(1,a)",NULL}},{{"(2,b)","(,)"}}}}', NULL),
    (3, '(6,)', NULL, '(,)');
INSERT INTO parted VALUES (1, '(4,x)'), (1, NULL);
"""


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def values():
    return run(
        "SELECT x::text, xs::text, o::text, double, copy::text FROM stored ORDER BY id"
    )


def definitions():
    return run(
        "SELECT indexdef FROM pg_indexes WHERE tablename IN ('stored', 'part')"
        " UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'stored'::regclass"
        " UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
        " UNION ALL SELECT description FROM pg_description d"
        " JOIN pg_class c ON d.objoid = c.oid AND c.relname IN ('stored', 'in \"n er')"
        " UNION ALL SELECT obj_description(oid, 'pg_type') FROM pg_type"
        " WHERE typname = 'in \"n er'"
        " UNION ALL SELECT stxname FROM pg_statistic_ext ORDER BY 1"
    )


@pytest.fixture
def stored():
    run(SCHEMA)


def test_a_member_of_another_type_keeps_every_value(stored):
    before, parted = values(), run("SELECT x::text FROM parted ORDER BY 1")

    run(swap_member(INNER, "n", "bigint", None))

    assert values() == before
    assert run("SELECT x::text FROM parted ORDER BY 1") == parted
    assert run("SELECT pg_typeof((x).n)::text FROM stored")[0] == ("bigint",)


def test_what_hangs_on_the_type_is_there_again(stored):
    before = definitions()

    run(swap_member(INNER, "n", "bigint", None))

    assert definitions() == before


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


def test_the_order_of_members_changes_with_their_values():
    run(
        "CREATE TYPE pair AS (a int, b int, c int); CREATE TABLE kept (p pair, q pair[]);"
        "INSERT INTO kept VALUES ('(1,2,3)', ARRAY['(4,5,6)']::pair[])"
    )

    run(reorder_members("pair", ["c", "a", "b"]))

    assert run("SELECT p::text, q::text FROM kept") == [("(3,1,2)", '{"(6,4,5)"}')]


@pytest.mark.parametrize(
    "literal",
    [
        pytest.param("ALTER TABLE kept ALTER p SET DEFAULT '(1,2)'", id="default"),
        pytest.param("CREATE INDEX ON kept (p) WHERE p > '(1,2)'::pair", id="index"),
        pytest.param("CREATE VIEW seen AS SELECT p FROM kept", id="view"),
    ],
)
def test_the_order_stays_where_changing_it_would_do_harm(literal):
    run(f"CREATE TYPE pair AS (a int, b int); CREATE TABLE kept (p pair); {literal}")

    run(reorder_members("pair", ["b", "a"]))

    found = run(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'pair'::regclass ORDER BY attnum"
    )
    assert found == [("a",), ("b",)]


TRIGGER = (
    "CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN new; END'; CREATE TRIGGER t BEFORE UPDATE"
)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        pytest.param("CREATE VIEW v AS SELECT x FROM stored", "view v", id="view"),
        pytest.param(
            "CREATE VIEW v AS SELECT (x).n FROM stored", "view v", id="view of a member"
        ),
        pytest.param(
            "CREATE VIEW v AS SELECT double FROM stored",
            "view v",
            id="view of a generated column",
        ),
        pytest.param(
            "CREATE MATERIALIZED VIEW v AS SELECT xs FROM stored",
            "materialized view v",
            id="materialized view",
        ),
        pytest.param(
            f"{TRIGGER} OF x ON stored FOR EACH ROW EXECUTE FUNCTION fired()",
            "trigger t on table stored",
            id="trigger of a column",
        ),
        pytest.param(
            f"{TRIGGER} ON stored FOR EACH ROW WHEN ((old.x).n > 1)"
            " EXECUTE FUNCTION fired()",
            "trigger t on table stored",
            id="trigger with a condition",
        ),
        pytest.param(
            "CREATE POLICY p ON stored USING ((x).n > 1)",
            "policy p on table stored",
            id="policy",
        ),
        pytest.param(
            f"CREATE FUNCTION f({INNER}) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "function f(far",
            id="function argument",
        ),
        pytest.param(
            f"CREATE DOMAIN d AS {INNER} CHECK ((value).n > 1)", "type d", id="domain"
        ),
        pytest.param("CREATE TABLE of_it OF middle", "table of_it", id="typed table"),
        pytest.param(
            "CREATE TABLE fk (d int REFERENCES stored (double))",
            "constraint fk_d_fkey on table fk",
            id="foreign key to a generated column",
        ),
    ],
)
def test_what_cannot_be_carried_is_named_before_anything_changes(stored, sql, name):
    run(sql)
    before = values(), definitions()

    with pytest.raises(NotSupportedError) as raised, transaction.atomic():
        run(swap_member(INNER, "n", "bigint", None))

    first_line = str(raised.value).splitlines()[0]
    assert f".n cannot become bigint: it is used by {name}" in first_line
    assert (values(), definitions()) == before


def test_rights_go_with_the_type():
    run("CREATE ROLE reader; CREATE TYPE secret AS (a int)")
    run("REVOKE ALL ON TYPE secret FROM PUBLIC; GRANT USAGE ON TYPE secret TO reader")

    run(swap_member("secret", "a", "bigint", None))

    assert run(
        "SELECT has_type_privilege('reader', 'secret', 'usage'), EXISTS (SELECT"
        " FROM pg_type, aclexplode(typacl) WHERE typname = 'secret' AND grantee = 0)"
    ) == [(True, False)]


@given(st.one_of(st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_any_text_is_a_literal(text):
    assert run(f"SELECT {quote_literal(text)}, {quote_literal([text])}") == [
        (text, [text])
    ]
