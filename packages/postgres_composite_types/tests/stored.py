"""Tables with everything that can hang on a composite type."""

from __future__ import annotations

from django.db import connection

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
