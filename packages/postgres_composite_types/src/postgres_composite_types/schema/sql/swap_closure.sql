WITH RECURSIVE closure(type, depth) AS (
    SELECT target::oid, 0
    UNION ALL
    SELECT c.reltype, closure.depth + 1
    FROM closure
    JOIN pg_type t ON t.oid = closure.type
    JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c'
), ordered AS (
    SELECT type, max(depth) AS depth FROM closure GROUP BY type
)
SELECT array_agg(o.type ORDER BY depth, o.type),
       array_agg(format('%I.%I', n.nspname, 'composite_swap_' || t.oid)
                 ORDER BY depth, o.type),
       array_agg(t.oid) || array_agg(t.typarray)
INTO types, twins, stored_types
FROM ordered o JOIN pg_type t ON t.oid = o.type
JOIN pg_namespace n ON n.oid = t.typnamespace;
