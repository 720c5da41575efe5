"""Lookups whose right side is made canonical, and cast for psycopg2."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, IntegerField, Lookup, Value

from choice_array_field.django_private import lookups

__all__ = ["LOOKUPS"]


def _selection(field: Any, value: Any, *, wraps: bool) -> Any:
    """Return plain values in canonical order; a scalar is one member."""
    if hasattr(value, "resolve_expression") or value is None:
        return value
    if wraps and not field.is_selection(value):
        value = [value]
    if field.is_selection(value):
        value = list(value)
        if any(hasattr(item, "resolve_expression") for item in value):
            return value
    values = field.get_prep_value(value)
    if isinstance(field.base_field, IntegerField):
        # Without its field, Value takes every int for an IntegerField's, also a bigint.
        return [Value(item, field.base_field) for item in values]
    return values


class _Canonical:
    """Compares with the canonical array."""

    wraps = False

    def __init__(self, lhs: Any, rhs: Any) -> None:
        rhs = _selection(lhs.output_field, rhs, wraps=self.wraps)
        super().__init__(lhs, rhs)  # type: ignore[call-arg]  # a lookup comes next


class Exact(_Canonical, lookups.ArrayExact):  # type: ignore[misc]  # Any
    """The same selection, however it was written."""


class Contains(_Canonical, lookups.ArrayContains):  # type: ignore[misc]  # Any
    """All of these members; one may stand alone."""

    wraps = True


class ContainedBy(_Canonical, lookups.ArrayContainedBy):  # type: ignore[misc]  # Any
    """No other members than these."""

    wraps = True


class Overlap(_Canonical, lookups.ArrayOverlap):  # type: ignore[misc]  # Any
    """Any of these members; one may stand alone."""

    wraps = True


class In(lookups.ArrayInLookup):  # type: ignore[misc]  # Any
    """One of these selections."""

    rhs: Any

    def get_prep_lookup(self) -> Any:
        """Leave NULL out, which nothing equals: ArrayField does not expect it."""
        if not hasattr(self.rhs, "resolve_expression"):
            self.rhs = [value for value in self.rhs if value is not None]
        return super().get_prep_lookup()

    def resolve_expression_parameter(
        self, compiler: Any, connection: Any, sql: Any, param: Any
    ) -> Any:
        """Cast: psycopg2 writes `ARRAY['a']`, which is text[] for PostgreSQL."""
        sql, params = super().resolve_expression_parameter(
            compiler, connection, sql, param
        )
        field: Field[Any, Any] = self.lhs.output_field
        return f"{sql}::{field.cast_db_type(connection)}", params


LOOKUPS: tuple[type[Lookup[Any]], ...] = (Exact, Contains, ContainedBy, Overlap, In)
