-- Note what is said of columns that lose it: storage is reset with the type, and what is
-- generated is dropped.
SELECT array_agg(setting)
INTO settings
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (
    SELECT format('%s.%s', a.attrelid, a.attnum) = ANY (generated) AS is_dropped
) AS gone
CROSS JOIN LATERAL (
    SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET %s',
                  a.attrelid::regclass, a.attname, change)
    FROM (VALUES
        (CASE WHEN a.attstorage <> t.typstorage THEN 'STORAGE ' || CASE a.attstorage
         WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
         ELSE 'EXTENDED' END END),
        (CASE a.attcompression
         WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END),
        (CASE WHEN is_dropped AND a.attstattarget >= 0
         THEN 'STATISTICS ' || a.attstattarget END),
        (CASE WHEN is_dropped
         THEN '(' || array_to_string(a.attoptions, ', ') || ')' END)
    ) AS changes (change)
    WHERE change IS NOT NULL
    UNION ALL
    SELECT format('GRANT %s (%I) ON %s TO %s%s', privilege_type, a.attname,
                  a.attrelid::regclass,
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
                  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM aclexplode(a.attacl)
    WHERE is_dropped
) AS said (setting)
WHERE NOT a.attisdropped AND (is_dropped OR a.atttypid = ANY (stored_types));
