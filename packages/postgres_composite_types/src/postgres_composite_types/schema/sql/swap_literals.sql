-- Give the literals in what is restored the new order of members: the casts do that.
-- Names and other literals are passed over whole, for they may contain quotes.
SELECT format($re$("(?:[^"]|"")*"|'(?:[^']|'')*'(?:::((?:%s)(?:\[\])?)(?![\w[]))?|[^"']+)$re$,
              string_agg(regexp_replace(type::regtype::text, '(\W)', '\\\1', 'g'), '|'))
INTO token
FROM unnest(types) type;
FOR position IN 1 .. cardinality(restore) LOOP
    IF restore[position] ~ '\mROW\(' THEN
        RAISE feature_not_supported USING MESSAGE = format(
            'The attributes of %s cannot change places: a ROW would not follow in %s.',
            target, restore[position]
        );
    END IF;
    statement := '';
    FOR item IN
        SELECT hit[1] AS text, hit[2] AS kind, twin
        FROM regexp_matches(restore[position], token, 'g') hit
        LEFT JOIN unnest(types, twins) pairs (type, twin)
        ON hit[2] IN (type::regtype::text, type::regtype::text || '[]')
    LOOP
        IF item.twin IS NOT NULL THEN
            EXECUTE format('SELECT quote_literal(%s::%s%s)', item.text, item.twin,
                           CASE WHEN item.kind LIKE '%[]' THEN '[]' ELSE '' END)
            INTO item.text;
            item.text := item.text || '::' || item.kind;
        END IF;
        statement := statement || item.text;
    END LOOP;
    restore[position] := statement;
END LOOP;
