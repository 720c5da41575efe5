-- Rebuild the values of a composite type wherever they are stored.
--
-- PostgreSQL refuses ALTER ATTRIBUTE ... TYPE for a type that a column uses, and it
-- fills no member of the values that exist. So every type of the closure (the type and
-- the types that contain it) gets a twin, and a cast to it that goes member by member:
--   fill is NULL  the columns change to the twins, which then take the old names;
--   fill is SQL   an UPDATE sends each value to its twin and back, and on the way the
--                 member gets the value of the expression.
-- Casts are what keeps apart NULL, a row of NULLs, and the elements and dimensions of
-- arrays: a STRICT function leaves NULL alone, and PostgreSQL casts an array by element.
-- The cast of the member is to the bare type, the function's result then assigns it:
-- so what is too long for varchar(3) raises, where an explicit cast would truncate.
DO $composite_swap$
DECLARE
    target constant regtype := :'type';
    member constant text := :'member';
    new_type constant text := :'new_type';
    new_collation constant text := :'new_collation';
    member_order constant text[] := :'member_order';
    fill constant text := :'fill';
    types oid[];           -- the closure, inner types first
    twins text[];          -- their twins, in the same order
    stored_types oid[];    -- the closure and its array types
    generated text[] := '{}';
    indexes oid[];
    constraints oid[];
    refused text;
    has_literals boolean;
    restore text[] := '{}';
    definitions text;
    casts text;
    statement text;
    item record;
BEGIN
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

    -- What depends on the types, on their members and on the columns of the types.
    IF fill IS NULL THEN
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
            SELECT d.classid, d.objid, d.objsubid, t.class = 'pg_type'::regclass AS again,
                   t.class = 'pg_type'::regclass AND d.objsubid = 0 AS has_literal
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
            SELECT d.classid, d.objid, d.objsubid, TRUE, FALSE
            FROM pg_depend d JOIN computed c ON d.refclassid = 'pg_class'::regclass
            AND d.refobjid = c.attrelid AND d.refobjsubid = c.attnum
            WHERE d.deptype IN ('n', 'a')
        ), known AS (
            SELECT d.*, c.relkind, r.ev_class, k.contype
            FROM dependents d
            LEFT JOIN pg_class c
            ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
            LEFT JOIN pg_rewrite r
            ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            LEFT JOIN pg_constraint k
            ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
        )
        SELECT
            (SELECT array_agg(format('%s.%s', attrelid, attnum)) FROM computed),
            array_agg(objid) FILTER (WHERE again AND relkind IN ('i', 'I')),
            array_agg(objid) FILTER (WHERE again AND contype IN ('c', 'x', 'u', 'p')),
            string_agg(
                DISTINCT CASE
                WHEN ev_class IS NOT NULL
                THEN pg_describe_object('pg_class'::regclass, ev_class, 0)
                WHEN relkind IN ('v', 'm', 'f')
                THEN pg_describe_object(classid, objid, 0)
                ELSE pg_describe_object(classid, objid, objsubid) END, ', '
            ) FILTER (WHERE (
                classid = 'pg_attrdef'::regclass
                OR (classid = 'pg_statistic_ext'::regclass AND NOT again)
                OR contype IN ('c', 'x', 'u', 'p', 'n')
                OR relkind IN ('i', 'I', 'c')
                OR (relkind IN ('r', 'p') AND objsubid > 0)
            ) IS NOT TRUE),
            bool_or(has_literal)
        INTO generated, indexes, constraints, refused, has_literals
        FROM known;
        IF member IS NULL AND (refused IS NOT NULL OR has_literals) THEN
            RETURN;    -- Order is not worth a refusal, and literals are positional.
        ELSIF refused IS NOT NULL THEN
            RAISE feature_not_supported USING MESSAGE = format(
                '%s.%I cannot become %s: it is used by %s. Drop that before this '
                'migration and create it again after it.',
                target, member, new_type, refused
            );
        END IF;
    END IF;

    -- Take away what cannot follow; each statement goes before those that need it.
    FOR item IN
        SELECT i.oid::regclass AS name, pg_get_indexdef(i.oid) AS definition
        FROM pg_class i
        WHERE i.oid = ANY (indexes)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid)
        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = i.oid)
    LOOP
        restore := item.definition || restore;
        EXECUTE format('DROP INDEX %s', item.name);
    END LOOP;
    FOR item IN
        SELECT conrelid::regclass AS name, conname, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE (oid = ANY (constraints) OR (conindid = ANY (indexes) AND contype <> 'f'))
        AND coninhcount = 0
    LOOP
        restore := format('ALTER TABLE %s ADD CONSTRAINT %I %s',
                          item.name, item.conname, item.definition) || restore;
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
        WHERE fill IS NULL AND a.attgenerated = ''
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

    -- Make the twins, inner types first, and the casts to them.
    FOR position IN 1 .. cardinality(types) LOOP
        SELECT string_agg(
                   format('%I %s%s', a.attname, CASE
                       WHEN a.attname = member AND types[position] = target AND fill IS NULL
                       THEN new_type
                       WHEN fill IS NULL
                       THEN coalesce(twin, format_type(a.atttypid, a.atttypmod))
                       ELSE format_type(a.atttypid, a.atttypmod) END, CASE
                       WHEN a.attname = member AND types[position] = target AND fill IS NULL
                       THEN coalesce(' COLLATE ' || new_collation, '')
                       WHEN a.attcollation NOT IN (0, m.typcollation)
                       THEN ' COLLATE ' || a.attcollation::regcollation
                       ELSE '' END),
                   ', ' ORDER BY place),
               string_agg(CASE
                   WHEN a.attname = member AND types[position] = target
                   THEN coalesce(fill, format('($1).%I::%s', a.attname,
                                              format_type(to_regtype(new_type), NULL)))
                   WHEN twin IS NULL THEN format('($1).%I', a.attname)
                   WHEN fill IS NULL THEN format('($1).%I::%s', a.attname, twin)
                   ELSE format('($1).%I::%s::%s', a.attname, twin, a.atttypid::regtype) END,
                   ', ' ORDER BY place)
        INTO definitions, casts
        FROM pg_type t
        JOIN pg_attribute a ON a.attrelid = t.typrelid AND NOT a.attisdropped
        JOIN pg_type m ON m.oid = a.atttypid
        CROSS JOIN LATERAL (SELECT
            CASE WHEN m.oid = ANY (types) THEN twins[array_position(types, m.oid)]
                 WHEN m.typelem = ANY (types) AND m.oid = ANY (stored_types)
                 THEN twins[array_position(types, m.typelem)] || '[]' END AS twin,
            CASE WHEN types[position] = target
                 THEN coalesce(array_position(member_order, a.attname::text), 0) * 2000
                 ELSE 0 END + a.attnum AS place) names
        WHERE t.oid = types[position];
        EXECUTE format('CREATE TYPE %s AS (%s)', twins[position], definitions);
        EXECUTE format('CREATE FUNCTION %s(%s) RETURNS %1$s LANGUAGE sql STRICT AS %3$L',
                       twins[position], types[position]::regtype, 'SELECT ' || casts);
        EXECUTE format('CREATE CAST (%2$s AS %1$s) WITH FUNCTION %1$s(%2$s)',
                       twins[position], types[position]::regtype);
        CONTINUE WHEN fill IS NULL;
        EXECUTE format('CREATE CAST (%s AS %s) WITH INOUT',
                       twins[position], types[position]::regtype);
    END LOOP;

    -- Send the stored values through, each table once.
    FOR item IN
        SELECT a.attrelid::regclass AS name,
               string_agg(format('ALTER COLUMN %I TYPE %s USING %1$I::%2$s',
                                 a.attname, twin), ', ') AS changes,
               string_agg(format('%I = %1$I::%s::%s',
                                 a.attname, twin, a.atttypid::regtype), ', ') AS fills,
               string_agg(format('%I IS DISTINCT FROM NULL', a.attname), ' OR ') AS filled
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_type t ON t.oid = a.atttypid
        CROSS JOIN LATERAL (SELECT CASE
            WHEN t.oid = ANY (types) THEN twins[array_position(types, t.oid)]
            ELSE twins[array_position(types, t.typelem)] || '[]' END AS twin) names
        WHERE t.oid = ANY (stored_types) AND c.relkind IN ('r', 'p')
        AND NOT a.attisdropped AND a.attgenerated = '' AND a.attinhcount = 0
        GROUP BY a.attrelid
    LOOP
        IF fill IS NULL THEN
            EXECUTE format('ALTER TABLE %s %s', item.name, item.changes);
        ELSE
            EXECUTE format('UPDATE %s SET %s WHERE %s', item.name, item.fills, item.filled);
        END IF;
    END LOOP;

    -- Let the twins take the place of the types, with all that was said of them.
    FOR item IN
        SELECT t.oid::regtype::text AS name, t.typname, twins[n] AS twin,
               t.typowner::regrole AS owner, obj_description(t.oid, 'pg_type') AS comment,
               (SELECT array_agg(format('COMMENT ON COLUMN %s.%I IS %L', t.oid::regtype,
                                        attname, col_description(attrelid, attnum)))
                FROM pg_attribute WHERE attrelid = t.typrelid AND NOT attisdropped
                AND col_description(attrelid, attnum) IS NOT NULL) AS comments,
               (SELECT array_agg(format('GRANT USAGE ON TYPE %s TO %s%s', t.oid::regtype,
                                        CASE grantee WHEN 0 THEN 'PUBLIC'
                                        ELSE grantee::regrole::text END,
                                        CASE WHEN is_grantable
                                        THEN ' WITH GRANT OPTION' ELSE '' END))
                FROM aclexplode(t.typacl)) AS grants
        FROM generate_subscripts(types, 1) n JOIN pg_type t ON t.oid = types[n]
        ORDER BY n DESC
    LOOP
        EXECUTE format('DROP FUNCTION %s(%s) CASCADE', item.twin, item.name);
        IF fill IS NOT NULL THEN
            EXECUTE format('DROP TYPE %s CASCADE', item.twin);
            CONTINUE;
        END IF;
        EXECUTE format('DROP TYPE %s', item.name);
        EXECUTE format('ALTER TYPE %s RENAME TO %I', item.twin, item.typname);
        EXECUTE format('ALTER TYPE %s OWNER TO %s', item.name, item.owner);
        restore := restore || format('COMMENT ON TYPE %s IS %L', item.name, item.comment)
                   || item.comments;
        IF item.grants IS NOT NULL THEN
            restore := restore || format('REVOKE ALL ON TYPE %s FROM PUBLIC', item.name)
                       || item.grants;
        END IF;
    END LOOP;
    FOREACH statement IN ARRAY restore LOOP
        EXECUTE statement;
    END LOOP;
END $composite_swap$
