"""What hangs on a type that changes: carried along, or refused by name."""

from __future__ import annotations

import pytest
from django.db import NotSupportedError, ProgrammingError, transaction

from postgres_composite_types.schema.swap import (
    fill_member,
    reorder_members,
    swap_member,
)
from tests.stored import INNER, definitions, run, values

pytestmark = pytest.mark.django_db


def test_what_hangs_on_the_type_is_there_again(stored):
    before = definitions()

    run(swap_member(INNER, "n", "bigint", None))

    assert definitions() == before


def test_the_order_of_members_changes_with_their_values():
    run(
        "CREATE TYPE pair AS (a int, b int, c int); CREATE TABLE kept (p pair, q pair[]);"
        "INSERT INTO kept VALUES ('(1,2,3)', ARRAY['(4,5,6)']::pair[])"
    )

    run(reorder_members("pair", ["c", "a", "b"]))

    assert run("SELECT p::text, q::text FROM kept") == [("(3,1,2)", '{"(6,4,5)"}')]


LITERALS = r"""
CREATE TYPE pair AS (a int, b int);
CREATE TYPE outer_pair AS (p pair, t text);
CREATE TABLE kept (
    p pair DEFAULT '(1,2)',
    q pair[] DEFAULT '{"(1,2)",NULL}',
    o outer_pair DEFAULT '("(1,2)","it''s \\ ""(2,1)""::pair")',
    "'(1,2)'::pair" text DEFAULT '''(1,2)''::pair',
    g bool GENERATED ALWAYS AS (p IN ('(1,2)', '(2,1)')) STORED,
    CONSTRAINT one CHECK (p <> '(1,3)'::pair AND q <> '{"(3,1)"}')
);
CREATE INDEX few ON kept (p) WHERE p > '(1,2)'::pair AND p < '(2,1)'::pair;
INSERT INTO kept VALUES (DEFAULT);
"""


def test_literals_follow_the_order_of_members():
    run(LITERALS)

    run(reorder_members("pair", ["b", "a"]))

    run("INSERT INTO kept VALUES (DEFAULT)")
    row = run(
        """SELECT (p).a, (q[1]).b, ((o).p).b, (o).t, g, "'(1,2)'::pair" FROM kept"""
    )
    assert row == [(1, 2, 2, 'it\'s \\ "(2,1)"::pair', True, "'(1,2)'::pair")] * 2
    assert run("SELECT p::text FROM kept") == [("(2,1)",)] * 2
    [[check]] = run(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'one'"
    )
    assert "'(3,1)'::pair" in check
    assert "'{\"(1,3)\"}'::pair[]" in check
    [[index]] = run("SELECT pg_get_indexdef('few'::regclass)")
    assert "(p > '(2,1)'::pair) AND (p < '(1,2)'::pair)" in index


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        pytest.param(
            "CREATE VIEW seen AS SELECT p FROM kept",
            "it is used by view seen. Drop that before this migration and create it"
            " again after it.",
            id="view",
        ),
        pytest.param(
            "ALTER TABLE kept ADD CONSTRAINT c CHECK (p <> ROW(1, 2)::pair)",
            "a ROW would not follow in ALTER TABLE kept ADD CONSTRAINT c"
            " CHECK ((p <> ROW(1, 2)::pair)).",
            id="row",
        ),
    ],
)
def test_the_order_stays_where_changing_it_would_do_harm(sql, reason):
    run(f"CREATE TYPE pair AS (a int, b int); CREATE TABLE kept (p pair); {sql}")

    with pytest.raises(NotSupportedError) as raised, transaction.atomic():
        run(reorder_members("pair", ["b", "a"]))

    line = str(raised.value).splitlines()[0]
    assert line == f"The attributes of pair cannot change places: {reason}"


SAID = f"""
ALTER TABLE stored ALTER x SET STORAGE EXTERNAL, ALTER x SET STATISTICS 55,
    ALTER double SET STATISTICS 66, ALTER double SET (n_distinct = 5),
    ALTER copy SET STORAGE MAIN, ALTER xs SET COMPRESSION pglz;
CREATE ROLE reader;
CREATE ROLE keeper;
GRANT CREATE ON SCHEMA far TO keeper;
GRANT SELECT (double, x) ON stored TO reader;
COMMENT ON COLUMN stored.x IS 'x';
COMMENT ON INDEX partial IS 'few';
COMMENT ON CONSTRAINT not_seven ON stored IS 'unlucky';
CREATE UNIQUE INDEX identity ON stored (double);
ALTER TABLE stored REPLICA IDENTITY USING INDEX identity;
CLUSTER stored USING of_computed;
ALTER TYPE {INNER} OWNER TO keeper;
GRANT USAGE ON TYPE {INNER} TO reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO reader;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
"""
CATALOG = """
SELECT attrelid::regclass::text, attname, attstorage::text, attcompression::text,
       attstattarget, attoptions::text, attacl::text, col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid::regclass::text IN ('stored', 'part') AND attnum > 0
AND NOT attisdropped
UNION ALL
SELECT indexrelid::regclass::text, '', indisclustered::text, indisreplident::text, 0, '',
       '', obj_description(indexrelid, 'pg_class')
FROM pg_index WHERE indrelid = 'stored'::regclass
UNION ALL
SELECT conname, '', '', '', 0, '', '', obj_description(oid, 'pg_constraint')
FROM pg_constraint WHERE conrelid = 'stored'::regclass
UNION ALL
SELECT typname, typowner::regrole::text, '', '', 0, '', acl::text, ''
FROM pg_type, coalesce(typacl, acldefault('T', typowner)) AS acl
WHERE typname IN ('in "n er', 'middle', 'outmost')
ORDER BY 1, 2, 3, 8
"""


def test_what_was_said_of_things_is_said_again(stored):
    run(SAID)
    before = run(CATALOG)

    run(swap_member(INNER, "n", "bigint", None))

    assert run(CATALOG) == before


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
            f"CREATE DOMAIN d AS {INNER}[]", "type d", id="domain over an array"
        ),
        pytest.param(
            "CREATE TABLE log (n int); CREATE RULE r AS ON INSERT TO stored"
            " DO ALSO INSERT INTO log VALUES ((new.x).n)",
            "rule r on table stored",
            id="rule",
        ),
        pytest.param(
            f"CREATE FUNCTION f() RETURNS SETOF {INNER} LANGUAGE sql AS"
            f" 'SELECT NULL::{INNER}'",
            "function f()",
            id="function result",
        ),
        pytest.param(
            f"CREATE TABLE p (x {INNER}) PARTITION BY LIST (((x).n))",
            "the partition key of table p",
            id="partition key",
        ),
        pytest.param(
            "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
            f" CREATE FOREIGN TABLE f (x {INNER}) SERVER s",
            "foreign table f",
            id="foreign table",
        ),
        pytest.param(
            "CREATE PUBLICATION p FOR TABLE stored (id, x)",
            "publication of table stored in publication p",
            id="columns of a publication",
        ),
        pytest.param(
            "CREATE STATISTICS s ON double, id FROM stored",
            "statistics object s",
            id="statistics of a generated column",
        ),
        pytest.param(
            f"CREATE CAST ({INNER} AS text) WITH INOUT", "cast from far", id="cast"
        ),
        pytest.param(
            "CREATE TABLE fk (d int REFERENCES stored (double))",
            "constraint fk_d_fkey on table fk",
            id="foreign key to a generated column",
        ),
    ],
)
def test_what_cannot_be_carried_is_named_before_anything_changes(stored, sql, name):
    if "WRAPPER" in sql and run("SHOW is_superuser") == [("off",)]:
        pytest.skip("only a superuser makes a foreign-data wrapper")
    run(sql)
    before = values(), definitions()

    with pytest.raises(NotSupportedError) as raised, transaction.atomic():
        run(swap_member(INNER, "n", "bigint", None))

    first_line = str(raised.value).splitlines()[0]
    assert f".n cannot become bigint: it is used by {name}" in first_line
    assert (values(), definitions()) == before


ROW_SECURITY = "current_setting('row_security')"
HIDDEN = f"""
CREATE ROLE owner;
GRANT CREATE, USAGE ON SCHEMA public, far TO owner;
ALTER TYPE {INNER} OWNER TO owner;
ALTER TYPE middle OWNER TO owner;
ALTER TYPE outmost OWNER TO owner;
ALTER TABLE stored OWNER TO owner;
ALTER TABLE parted OWNER TO owner;
ALTER TABLE part OWNER TO owner;
ALTER TABLE other OWNER TO owner;
ALTER TABLE stored ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET LOCAL ROLE owner;
"""


def test_rows_that_a_policy_hides_are_not_forgotten(stored):
    run(HIDDEN)

    with (
        pytest.raises(ProgrammingError, match='policy for table "stored"'),
        transaction.atomic(),
    ):
        run(fill_member(INNER, 'we "ird', "'q'"))

    run("ALTER TABLE stored NO FORCE ROW LEVEL SECURITY")
    run(fill_member(INNER, 'we "ird', "'q'"))
    found = run(f"""SELECT DISTINCT (x)."we ""ird", {ROW_SECURITY} FROM stored""")
    assert found == [("q", "on")]


def test_an_owner_needs_no_other_rights_to_change_a_type(stored):
    before = values(), definitions()
    run(HIDDEN)

    run(swap_member(INNER, "n", "bigint", None))

    run("ALTER TABLE stored NO FORCE ROW LEVEL SECURITY; RESET ROLE")
    assert (values(), definitions()) == before
