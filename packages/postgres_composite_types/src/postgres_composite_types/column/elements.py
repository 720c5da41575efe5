"""Lookups on any element of an array: `previous__any__suburb="Fitzroy"`."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldError
from django.db.models import Expression, Lookup, Transform

__all__ = ["AnyElement"]


class Element(Expression):
    """An element of the array, inside the EXISTS that asks for one."""

    SQL = "composite_elements.element"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return the column that holds the element."""
        return self.SQL, []


class AnyElement(Transform):
    """Some element of an array, or what transforms make of it.

    Args:
        array: the array.
        path: the names of the transforms on the element.
    """

    lookup_name = "any"

    def __init__(self, array: Any, path: tuple[str, ...] = (), **extra: Any) -> None:
        super().__init__(array, **extra)
        self.path = path

    @property
    def element(self) -> Any:
        """Return the element with the transforms on it."""
        field = self.lhs.output_field
        while isinstance(field, ArrayField):
            field = field.base_field  # unnest takes all dimensions apart
        element: Any = Element(output_field=field)
        for name in self.path:
            element = element.get_transform(name)(element)
        return element

    def get_transform(self, lookup: str) -> Any:
        """Return what goes one step further into the element."""
        if self.element.get_transform(lookup) is None:
            return None

        def step(expression: AnyElement) -> AnyElement:
            further = AnyElement(expression.lhs, (*expression.path, lookup))
            _ = further.element  # an unknown name is refused now
            return further

        return step

    def get_lookup(self, lookup: str) -> Any:
        """Return what asks whether there is such an element."""
        if self.element.get_lookup(lookup) is None:
            return None

        def ask(expression: AnyElement, rhs: Any) -> AnyElementLookup:
            return AnyElementLookup(expression, lookup, rhs)

        return ask

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        """Refuse: some element is no value that could be selected or sorted by."""
        message = "'any' element of an array can be filtered by, not selected."
        raise FieldError(message)


class AnyElementLookup(Lookup):
    """Whether a lookup holds for some element."""

    prepare_rhs = False

    def __init__(self, lhs: AnyElement, name: str, rhs: Any) -> None:
        self.path, self.name = lhs.path, name
        # Made here too, so that a wrong value raises where the query is written.
        inner = self._inner(lhs, rhs)
        self.lookup_name = inner.lookup_name
        self.can_use_none_as_rhs = inner.can_use_none_as_rhs
        super().__init__(lhs.lhs, rhs)

    @property
    def identity(self) -> Any:
        """Return what equal lookups have in common."""
        return (*super().identity, self.path, self.name)

    def _inner(self, elements: AnyElement, rhs: Any) -> Any:
        element = elements.element
        return element.get_lookup(self.name)(element, rhs)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return an EXISTS over the elements."""
        array, array_params = compiler.compile(self.lhs)
        inner = self._inner(AnyElement(self.lhs, self.path), self.rhs)
        condition, params = compiler.compile(inner)
        # In the select list unnest keeps NULL elements; in FROM it makes rows of them.
        rows = f"(SELECT unnest({array}) AS element) AS composite_elements"
        return f"EXISTS(SELECT FROM {rows} WHERE {condition})", (*array_params, *params)
