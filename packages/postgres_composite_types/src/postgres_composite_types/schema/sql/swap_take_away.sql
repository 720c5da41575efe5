-- Take away what cannot follow; each statement goes before those that need it.
FOR item IN
    SELECT i.indexrelid::regclass AS name, i.indrelid::regclass AS table_name, c.relname,
           pg_get_indexdef(i.indexrelid) AS definition, i.indisclustered,
           i.indisreplident, obj_description(i.indexrelid, 'pg_class') AS comment
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indexrelid = ANY (indexes)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
    AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = i.indexrelid)
LOOP
    restore := ARRAY[
        item.definition,
        format('COMMENT ON INDEX %s IS %L', item.name, item.comment),
        CASE WHEN item.indisclustered
        THEN format('ALTER TABLE %s CLUSTER ON %I', item.table_name, item.relname) END,
        CASE WHEN item.indisreplident
        THEN format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I',
                    item.table_name, item.relname) END
    ] || restore;
    EXECUTE format('DROP INDEX %s', item.name);
END LOOP;
FOR item IN
    SELECT conrelid::regclass AS name, conname, pg_get_constraintdef(oid) AS definition,
           obj_description(oid, 'pg_constraint') AS comment
    FROM pg_constraint
    WHERE (oid = ANY (constraints) OR (conindid = ANY (indexes) AND contype <> 'f'))
    AND coninhcount = 0
LOOP
    restore := ARRAY[
        format('ALTER TABLE %s ADD CONSTRAINT %I %s',
               item.name, item.conname, item.definition),
        format('COMMENT ON CONSTRAINT %I ON %s IS %L',
               item.conname, item.name, item.comment)
    ] || restore;
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.name, item.conname);
END LOOP;
FOR item IN
    SELECT a.attrelid::regclass AS name, a.attname,
           format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attcollation NOT IN (0, t.typcollation)
              THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
           || format(' GENERATED ALWAYS AS (%s) %s',
                     pg_get_expr(e.adbin, e.adrelid),
                     CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS definition,
           col_description(a.attrelid, a.attnum) AS comment
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
    WHERE format('%s.%s', a.attrelid, a.attnum) = ANY (generated)
    AND a.attinhcount = 0
    ORDER BY a.attrelid, a.attnum DESC
LOOP
    restore := ARRAY[
        format('ALTER TABLE %s ADD COLUMN %I %s',
               item.name, item.attname, item.definition),
        format('COMMENT ON COLUMN %s.%I IS %L', item.name, item.attname, item.comment)
    ] || restore;
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', item.name, item.attname);
END LOOP;
FOR item IN
    SELECT e.adrelid::regclass AS name, a.attname,
           pg_get_expr(e.adbin, e.adrelid) AS definition
    FROM pg_attrdef e
    JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
    WHERE a.attgenerated = ''
    AND (a.atttypid = ANY (stored_types) OR EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_attrdef'::regclass AND objid = e.oid
        AND refclassid = 'pg_type'::regclass AND refobjid = ANY (stored_types)
    ))
LOOP
    restore := format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s',
                      item.name, item.attname, item.definition) || restore;
    EXECUTE format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT',
                   item.name, item.attname);
END LOOP;
