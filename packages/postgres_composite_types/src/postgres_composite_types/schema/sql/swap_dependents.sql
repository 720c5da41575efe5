-- Find what depends on the types, on their members and on the columns of the types.
WITH touched(class, id, sub) AS (
    SELECT 'pg_type'::regclass, unnest(stored_types), NULL::smallint
    UNION ALL
    SELECT 'pg_class'::regclass, typrelid, NULL
    FROM pg_type WHERE oid = ANY (types)
    UNION ALL
    SELECT 'pg_class'::regclass, a.attrelid, a.attnum
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.atttypid = ANY (stored_types) AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p')
), direct AS (
    SELECT d.classid, d.objid, d.objsubid, t.class = 'pg_type'::regclass AS again
    FROM pg_depend d JOIN touched t ON d.refclassid = t.class
    AND d.refobjid = t.id AND (t.sub IS NULL OR d.refobjsubid = t.sub)
    WHERE d.deptype IN ('n', 'a')
), computed AS (
    SELECT a.attrelid, a.attnum
    FROM pg_attribute a
    JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
    WHERE a.attgenerated <> '' AND EXISTS (
        SELECT FROM direct d
        WHERE (d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid)
        -- PostgreSQL 14 records the column, not its expression.
        OR (d.classid = 'pg_class'::regclass
            AND d.objid = a.attrelid AND d.objsubid = a.attnum)
    )
), dependents AS (
    SELECT * FROM direct
    UNION
    SELECT d.classid, d.objid, d.objsubid, TRUE
    FROM pg_depend d JOIN computed c ON d.refclassid = 'pg_class'::regclass
    AND d.refobjid = c.attrelid AND d.refobjsubid = c.attnum
    WHERE d.deptype IN ('n', 'a')
), known AS (
    SELECT d.*, c.relkind, v.oid AS view, k.contype
    FROM dependents d
    LEFT JOIN pg_class c
    ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    LEFT JOIN pg_rewrite r
    ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    LEFT JOIN pg_class v
    ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
    LEFT JOIN pg_constraint k
    ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
)
SELECT
    (SELECT array_agg(format('%s.%s', attrelid, attnum)) FROM computed),
    array_agg(objid) FILTER (WHERE again AND relkind IN ('i', 'I')),
    array_agg(objid) FILTER (WHERE again AND contype IN ('c', 'x', 'u', 'p')),
    string_agg(
        DISTINCT CASE
        WHEN relkind = 'p' AND objsubid = 0
        THEN 'the partition key of ' || pg_describe_object(classid, objid, 0)
        WHEN view IS NOT NULL
        THEN pg_describe_object('pg_class'::regclass, view, 0)
        WHEN relkind IN ('v', 'm', 'f')
        THEN pg_describe_object(classid, objid, 0)
        ELSE pg_describe_object(classid, objid, objsubid) END, ', '
    ) FILTER (WHERE (
        classid = 'pg_attrdef'::regclass
        OR (classid = 'pg_statistic_ext'::regclass AND NOT again)
        OR contype IN ('c', 'x', 'u', 'p', 'n')
        OR relkind IN ('i', 'I', 'c')
        OR (relkind IN ('r', 'p') AND objsubid > 0)
    ) IS NOT TRUE)
INTO generated, indexes, constraints, refused
FROM known;
IF refused IS NOT NULL THEN
    RAISE feature_not_supported USING MESSAGE = format(
        '%s: it is used by %s. Drop that before this migration and create it again '
        'after it.',
        CASE WHEN member IS NULL
        THEN format('The attributes of %s cannot change places', target)
        ELSE format('%s.%I cannot become %s', target, member, new_type) END, refused
    );
END IF;
