-- Let the twins take the place of the types, with all that was said of them.
FOR item IN
    SELECT t.oid::regtype::text AS name, t.typname, twins[n] AS twin,
           t.typacl, t.typowner::regrole AS owner, obj_description(t.oid, 'pg_type') AS comment,
           (SELECT array_agg(format('COMMENT ON COLUMN %s.%I IS %L', t.oid::regtype,
                                    attname, col_description(attrelid, attnum)))
            FROM pg_attribute WHERE attrelid = t.typrelid AND NOT attisdropped
            AND col_description(attrelid, attnum) IS NOT NULL) AS comments,
           (SELECT array_agg(format('GRANT USAGE ON TYPE %s TO %s%s', t.oid::regtype,
                                    CASE grantee WHEN 0 THEN 'PUBLIC'
                                    ELSE grantee::regrole::text END,
                                    CASE WHEN is_grantable
                                    THEN ' WITH GRANT OPTION' ELSE '' END))
            FROM aclexplode(coalesce(t.typacl, acldefault('T', t.typowner)))) AS grants
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
    CONTINUE WHEN item.typacl IS NULL
    AND (SELECT typacl IS NULL FROM pg_type WHERE oid = to_regtype(item.name));
    -- Take away, too, what ALTER DEFAULT PRIVILEGES gave to the new one.
    restore := restore || (
        SELECT array_agg(DISTINCT format(
            'REVOKE ALL ON TYPE %s FROM %s', item.name,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END))
        FROM pg_type t, aclexplode(coalesce(typacl, acldefault('T', typowner)))
        WHERE t.oid = to_regtype(item.name)
    ) || item.grants;
END LOOP;
