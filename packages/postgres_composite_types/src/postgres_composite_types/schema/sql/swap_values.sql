-- Send the stored values through, each table once.
FOR item IN
    SELECT a.attrelid::regclass AS name,
           string_agg(format('ALTER COLUMN %I TYPE %s USING %1$I::%s',
                             a.attname, twin), ', ') AS changes,
           string_agg(format('%I = %1$I::%s::%s',
                             a.attname, twin, a.atttypid::regtype), ', ') AS fills,
           string_agg(format('%I IS DISTINCT FROM NULL', a.attname), ' OR ') AS filled,
           -- As text: json has no equality.
           string_agg(format('%I::%s::%s::text IS DISTINCT FROM %1$I::text',
                             a.attname, twin, a.atttypid::regtype), ' OR ') AS lacking
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_type t ON t.oid = a.atttypid
    CROSS JOIN LATERAL (SELECT CASE
        WHEN t.oid = ANY (types) THEN twins[array_position(types, t.oid)]
        ELSE twins[array_position(types, t.typelem)] || '[]' END AS twin) names
    WHERE t.oid = ANY (stored_types) AND c.relkind IN ('r', 'p')
    AND NOT a.attisdropped AND a.attgenerated = ''
    AND (a.attrelid = only_table OR only_table IS NULL AND a.attinhcount = 0)
    GROUP BY a.attrelid
LOOP
    IF fill IS NULL THEN
        EXECUTE format('ALTER TABLE %s %s', item.name, item.changes);
    ELSE
        statement := format('UPDATE %s SET %s WHERE %s',
                            item.name, item.fills, item.filled);
        IF only_table IS NOT NULL THEN
            statement := format('UPDATE ONLY %s SET %s WHERE (%s) AND ctid >= %L AND ctid < %L',
                                item.name, item.fills, item.lacking,
                                format('(%s,0)', first_block), format('(%s,0)', end_block));
        END IF;
        -- Rows that a policy hides would be left out: let PostgreSQL refuse that.
        token := current_setting('row_security');
        PERFORM set_config('row_security', 'off', TRUE);
        EXECUTE statement;
        PERFORM set_config('row_security', token, TRUE);
    END IF;
END LOOP;
