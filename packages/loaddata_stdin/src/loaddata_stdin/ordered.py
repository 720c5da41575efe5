"""Statements that may have to touch the rows in the order of the stream."""

from __future__ import annotations

from contextlib import suppress

from django.db import IntegrityError, transaction

from loaddata_stdin.stage import ALL, Stage

__all__ = ["execute_in_order"]

_STEP = 1024


def execute_in_order(stage: Stage, statement: str) -> int:
    """Run a statement at once; where rows are in each other's way, in their order.

    A unique value may be free only after the object that had it was written. Where
    that is so, steps double until one fails, and halve until one does not.

    Args:
        stage: the objects.
        statement: ALL in it gives way to a condition on `s`.

    Raises:
        IntegrityError: an object is refused after all those before it.
    """
    using = stage.connection.alias
    with suppress(IntegrityError), transaction.atomic(using):
        return stage.execute(statement)
    [(first, last)] = stage.rows(
        f'SELECT MIN("#number"), MAX("#number") FROM {stage.name}'  # noqa: S608
    )
    count, step = 0, _STEP
    while first <= last:
        some = f's."#number" BETWEEN {first} AND {first + step - 1}'
        try:
            with transaction.atomic(using):
                count += stage.execute(statement.replace(ALL, some))
        except IntegrityError:
            if step == 1:
                raise
            step //= 2
        else:
            first, step = first + step, step * 2
    return count
