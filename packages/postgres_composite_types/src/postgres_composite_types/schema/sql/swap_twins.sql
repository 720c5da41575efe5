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
