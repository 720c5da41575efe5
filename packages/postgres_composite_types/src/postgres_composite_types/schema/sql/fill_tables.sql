-- The tables that store values of a type, inside other types and arrays too, without
-- those of other sessions; and how many rows one of their blocks has, or zero.
WITH RECURSIVE closure(type) AS (
    SELECT :'type'::regtype::oid
    UNION
    SELECT c.reltype
    FROM closure
    JOIN pg_type t ON t.oid = closure.type
    JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
)
SELECT DISTINCT c.oid::regclass::text,
       coalesce(greatest(c.reltuples, 0) / nullif(c.relpages, 0), 0)
FROM closure
JOIN pg_type t ON t.oid = closure.type
JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray)
                    AND NOT a.attisdropped AND a.attgenerated = ''
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
               AND (c.relpersistence <> 't' OR pg_my_temp_schema() = c.relnamespace)
ORDER BY 1
