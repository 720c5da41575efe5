"""What a query asks of a column of a composite type."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db.models import Transform, lookups

from postgres_composite_types.column.literals import is_definition, literal_sql
from postgres_composite_types.column.parameters import member_sql, parameter

if TYPE_CHECKING:
    from django.db.models import Field

    from postgres_composite_types.declare.definition import Definition

__all__ = ["LOOKUPS", "Member", "MemberFactory", "UnknownMember"]


class Member(Transform):
    """One member: `address__suburb`.

    Args:
        name: the name of the member in the type of the expression.
    """

    def __init__(self, name: str, *expressions: Any, **extra: Any) -> None:
        super().__init__(*expressions, **extra)
        self.name = name

    @cached_property
    def member(self) -> Field[Any, Any]:
        """Return the member's field."""
        # Any: an expression's field is a composite one here, or this was not made.
        outer: Any = self.lhs.output_field
        found: Field[Any, Any] = outer.composite._meta.get_field(self.name)
        return found

    def _resolve_output_field(self) -> Field[Any, Any]:
        return self.member

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        """Return `(column)."member"`."""
        sql, params = compiler.compile(self.lhs)
        return member_sql(sql, self.member), params


class MemberFactory:
    """Makes the transform of one member."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Member:
        """Return the transform of an expression."""
        return Member(self.name, *args, **kwargs)


class UnknownMember:
    """Refuses a name when a query uses it.

    Not when it is looked up: checks of Django ask whether there is a transform.
    """

    def __init__(self, definition: Definition, name: str) -> None:
        self.definition = definition
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Raise FieldError with the names that there are."""
        message = (
            f"{self.definition.label} has no member or lookup {self.name!r}; "
            f"its members are {self.definition.member_names}."
        )
        raise FieldError(message)


class TypedValue:
    """The right-hand side as a value of the type: a bare text would be refused.

    `input of anonymous composite types is not implemented`, says PostgreSQL to it.
    """

    # What the lookup that this is mixed into has.
    lhs: Any
    rhs: Any
    get_db_prep_lookup_value_is_iterable: bool
    rhs_is_direct_value: Any

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        """Return the SQL of the right-hand side, in a definition a literal."""
        is_one = not self.get_db_prep_lookup_value_is_iterable
        if is_one and self.rhs_is_direct_value() and is_definition(compiler):
            field = self.lhs.output_field
            prepared = field.get_db_prep_value(self.rhs, connection, prepared=True)
            return literal_sql(field, prepared, connection)
        return super().process_rhs(compiler, connection)  # type: ignore[misc]  # of the lookup

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        """Return the SQL of a single value; of several, what Django makes of them."""
        if self.get_db_prep_lookup_value_is_iterable:
            return super().get_db_prep_lookup(value, connection)  # type: ignore[misc]  # of the lookup
        field = self.lhs.output_field
        prepared = field.get_db_prep_value(value, connection, prepared=True)
        return parameter(field.composite, prepared), [prepared]

    def resolve_expression_parameter(
        self, compiler: Any, connection: Any, sql: str, param: Any
    ) -> Any:
        """Return the SQL of one of several values."""
        field = self.lhs.output_field
        if hasattr(param, "as_sql") or hasattr(param, "resolve_expression"):
            return super().resolve_expression_parameter(  # type: ignore[misc]  # of the lookup
                compiler, connection, sql, param
            )
        if is_definition(compiler):
            return literal_sql(field, param, connection)
        return parameter(field.composite, param), [param]


class IsNull(lookups.IsNull):
    """Whether there is a value: PostgreSQL's `IS NULL` asks for its members."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return `IS [NOT] DISTINCT FROM NULL`."""
        if not isinstance(self.rhs, bool):
            message = "The QuerySet value for an isnull lookup must be True or False."
            raise ValueError(message)  # noqa: TRY004  # as Django's
        sql, params = self.process_lhs(compiler, connection)
        negation = "NOT " if self.rhs else ""
        return f"{sql} IS {negation}DISTINCT FROM NULL", params


class Exact(TypedValue, lookups.Exact):
    """Equal, where NULL members are equal to each other."""


class In(TypedValue, lookups.In):  # type: ignore[misc]  # the stubs type a flag narrowly
    """Equal to one of several."""


class GreaterThan(TypedValue, lookups.GreaterThan):
    """After a value, as PostgreSQL sorts the type."""


class GreaterThanOrEqual(TypedValue, lookups.GreaterThanOrEqual):
    """After a value or equal to it."""


class LessThan(TypedValue, lookups.LessThan):
    """Before a value."""


class LessThanOrEqual(TypedValue, lookups.LessThanOrEqual):
    """Before a value or equal to it."""


class Between(TypedValue, lookups.Range):  # type: ignore[misc]  # the stubs type a flag narrowly
    """Between two values, both included: the lookup `range`."""


LOOKUPS = (
    Between,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
