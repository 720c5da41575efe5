-- Make a cast from one composite type to another, member by member.
--
-- Each attribute of the new type gets the SQL given for it, or NULL; which place it has
-- is known only here. A STRICT function leaves NULL alone, and PostgreSQL casts an array
-- by element. As in swap.sql the cast of a member is to the bare type, and the function's
-- result assigns it: so what is too long for varchar(3) raises.
DO $composite_cast$
DECLARE
    attributes constant text[] := :'attributes';
    sources constant text[] := :'sources';
    members text;
BEGIN
    SELECT string_agg(
        format('(%s)::%s', coalesce(sources[array_position(attributes, attname::text)], 'NULL'),
               format_type(atttypid, NULL)), ', ' ORDER BY attnum)
    INTO members
    FROM pg_attribute
    WHERE attrelid = to_regclass(:'new_type') AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE sql STRICT AS %L',
                   :'function', :'old_type', :'new_type', 'SELECT ' || members);
    EXECUTE format('CREATE CAST (%s AS %s) WITH FUNCTION %s(%1$s)',
                   :'old_type', :'new_type', :'function');
END $composite_cast$
