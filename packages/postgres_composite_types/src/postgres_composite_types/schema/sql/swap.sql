-- Rebuild the values of a composite type wherever they are stored.
--
-- PostgreSQL refuses ALTER ATTRIBUTE ... TYPE for a type that a column uses, and it
-- fills no member of the values that exist. So every type of the closure (the type and
-- the types that contain it) gets a twin, and a cast to it that goes member by member:
--   fill is NULL  the columns change to the twins, which then take the old names;
--   fill is SQL   an UPDATE sends each value to its twin and back, and on the way the
--                 member gets the value of the expression; with only_table just those
--                 rows of the blocks from first to last that this changes.
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
    only_table constant regclass := :'only_table';
    first_block constant text := :'first_block';
    end_block constant text := :'end_block';
    types oid[];           -- the closure, inner types first
    twins text[];          -- their twins, in the same order
    stored_types oid[];    -- the closure and its array types
    generated text[] := '{}';
    indexes oid[];
    constraints oid[];
    refused text;
    restore text[] := '{}';   -- statements for the end, in their order
    settings text[];
    definitions text;
    casts text;
    statement text;
    token text;
    item record;
BEGIN
    \ir swap_closure.sql
    IF fill IS NULL THEN
        \ir swap_dependents.sql
        \ir swap_settings.sql
        \ir swap_take_away.sql
    END IF;
    \ir swap_twins.sql
    IF member IS NULL THEN
        \ir swap_literals.sql
    END IF;
    \ir swap_values.sql
    \ir swap_replace.sql
    FOREACH statement IN ARRAY array_remove(restore || settings, NULL) LOOP
        EXECUTE statement;
    END LOOP;
END $composite_swap$
