"""Compile a resolved expression to a Python function of an instance.

Only expressions of a closed list are compiled, those whose Python and SQL agree on every
value. What is not on it (upper() of "ß", rounding, the clock) is refused by name.

The source of the function is one conditional expression: NULL is None, and every
operator but COALESCE, CASE and the logical ones gives None if an operand is None.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from django.db import models
from django.db.models import expressions, functions, lookups
from django.db.models.expressions import Col, CombinedExpression, Value
from django.db.models.sql.where import NothingNode, WhereNode

from wagtail_derived_fields.evaluate import arithmetic
from wagtail_derived_fields.evaluate.months import MonthsBetween

__all__ = ["NotCompilable", "compile_expression"]

INTEGERS = (models.IntegerField, models.AutoField)
TEXTS = (models.CharField, models.TextField)
NUMBERS = (*INTEGERS, models.FloatField, models.DecimalField)
COMPARISONS = {"exact": "==", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
EXTRACTS = {
    functions.ExtractYear: "year",
    functions.ExtractMonth: "month",
    functions.ExtractDay: "day",
}
MONTHS = (
    "(({1}.year - {0}.year) * 12 + {1}.month - {0}.month"
    " - ({1}.day < {0}.day if {1} >= {0} else -({0}.day < {1}.day)))"
)
HELPERS: dict[str, Callable[..., Any]] = {
    "all_true": arithmetic.all_true,
    "any_true": arithmetic.any_true,
    "divide_integers": arithmetic.divide_integers,
    "first_value": arithmetic.first_value,
    "follow": arithmetic.follow,
    "in_utc": arithmetic.in_utc,
    "remainder": arithmetic.remainder,
    "contains": operator.contains,
}


class NotCompilable(Exception):
    """An expression is not on the list; the text names it."""


def compile_expression(
    expression: Any, paths: Mapping[str, tuple[str, ...]], name: str
) -> Callable[[models.Model], Any]:
    """Return a function that computes an expression from the fields of an instance.

    Args:
        expression: resolved: its leaves are columns and values.
        paths: for each table alias the names of the foreign keys that lead to it.
        name: of the function, for tracebacks.

    Raises:
        NotCompilable: it, or a part of it, is not on the list.
    """
    code = _Compiler(paths).compile(expression)
    source = f"def {name}(self):\n    return {code.text}\n"
    namespace: dict[str, Any] = {**HELPERS, **code.constants}
    exec(compile(source, f"<derived {name}>", "exec"), namespace)  # noqa: S102
    function: Callable[[models.Model], Any] = namespace[name]
    return function


class _Code:
    """Source text with the constants that it names."""

    def __init__(self, text: str, constants: dict[str, Any]) -> None:
        self.text = text
        self.constants = constants


class _Compiler:
    """Turns each node into the text of an expression; `paths` as above."""

    def __init__(self, paths: Mapping[str, tuple[str, ...]]) -> None:
        self.paths = paths
        self.constants: dict[str, Any] = {}
        self.numbers = count()

    def compile(self, expression: Any) -> _Code:
        return _Code(self.visit(expression), self.constants)

    def visit(self, node: Any) -> str:
        if getattr(node, "is_derived_column", False):
            return self.column(node)
        for kinds, method in VISITORS:
            if isinstance(node, kinds):
                return method(self, node)
        raise NotCompilable(_describe(node))

    def strict(self, template: str, *operands: str) -> str:
        """Return code that is None if an operand is None; `{0}` is the first operand."""
        names = [f"v{next(self.numbers)}" for _ in operands]
        checks = " or ".join(
            f"({name} := {operand}) is None"
            for name, operand in zip(names, operands, strict=True)
        )
        return f"(None if {checks} else {template.format(*names)})"

    def constant(self, value: Any) -> str:
        if value is None or isinstance(value, (bool, int)):
            return repr(value)
        name = f"c{next(self.numbers)}"
        self.constants[name] = value
        return name

    def column(self, node: Any) -> str:
        """Read an attribute of the instance, or of one that foreign keys lead to."""
        path = self.paths.get(node.alias)
        name = getattr(node.target, "attname", node.target.name)
        if path is None:
            message = f"a relation to many ({name})"
            raise NotCompilable(message)
        text = "self"
        for step in path:
            text = f"follow({text}, {step!r})"
        return f"self.{name}" if text == "self" else self.strict(f"{{0}}.{name}", text)

    def value(self, node: Value) -> str:
        return self.constant(node.value)

    def wrapper(self, node: Any) -> str:
        return self.visit(node.get_source_expressions()[0])

    def combined(self, node: CombinedExpression) -> str:
        left, right = node.get_source_expressions()
        template = _find_operator(node.connector, left.output_field, right.output_field)
        if template is None:
            raise NotCompilable(_describe(node))
        return self.strict(template, self.visit(left), self.visit(right))

    def months(self, node: MonthsBetween) -> str:
        return self.strict(MONTHS, *map(self.visit, node.get_source_expressions()))

    def coalesce(self, node: Any) -> str:
        sources = ", ".join(map(self.visit, node.get_source_expressions()))
        return f"first_value({sources})"

    def null_if(self, node: Any) -> str:
        left, right = map(self.visit, node.get_source_expressions())
        name = f"v{next(self.numbers)}"
        return f"(None if ({name} := {left}) == {right} else {name})"

    def absolute(self, node: Any) -> str:
        return self.strict("abs({0})", self.wrapper(node))

    def length(self, node: Any) -> str:
        return self.strict("len({0})", self.wrapper(node))

    def extract(self, node: Any) -> str:
        kind = node.lhs.output_field
        if isinstance(kind, models.DateTimeField) or not isinstance(
            kind, models.DateField
        ):
            message = f"{_describe(node)} of a time, which needs a time zone"
            raise NotCompilable(message)
        return self.strict(f"{{0}}.{EXTRACTS[type(node)]}", self.visit(node.lhs))

    def case(self, node: expressions.Case) -> str:
        text = self.visit(node.default)
        for when in reversed(node.cases):
            condition, result = self.visit(when.condition), self.visit(when.result)
            text = f"({result} if {condition} else {text})"
        return text

    def where(self, node: WhereNode) -> str:
        children = [self.visit(child) for child in node.children]
        if len(children) == 1:
            [text] = children
        elif node.connector == "AND":
            text = f"all_true({', '.join(children)})"
        elif node.connector == "OR":
            text = f"any_true({', '.join(children)})"
        else:
            message = f"{node.connector} of conditions"
            raise NotCompilable(message)
        return self.strict("(not {0})", text) if node.negated else text

    def nothing(self, node: NothingNode) -> str:
        return "False"

    def lookup(self, node: lookups.Lookup[Any]) -> str:
        name = node.lookup_name
        left = self.visit(node.lhs)
        if name == "isnull":
            return f"({left} is {'None' if node.rhs else 'not None'})"
        if isinstance(node.lhs.output_field, TEXTS) and name not in ("exact", "in"):
            message = f"{name} of text, which the database's collation decides"
            raise NotCompilable(message)
        if name in COMPARISONS:
            left_text, right_text = _as_moment(node.lhs.output_field, "{0}", "{1}")
            template = f"({left_text} {COMPARISONS[name]} {right_text})"
            return self.strict(template, left, self.operand(node.rhs))
        if name == "range":
            rhs: Any = node.rhs
            if hasattr(rhs, "get_source_expressions"):
                rhs = rhs.get_source_expressions()
            texts = _as_moment(node.lhs.output_field, "{1}", "{0}", "{2}")
            bounds = (self.operand(bound) for bound in rhs)
            return self.strict(f"({' <= '.join(texts)})", left, *bounds)
        if name == "in" and isinstance(node.rhs, Iterable):
            known = frozenset(item for item in node.rhs if item is not None)
            return self.strict(f"contains({self.constant(known)}, {{0}})", left)
        message = f"the lookup {name}"
        raise NotCompilable(message)

    def operand(self, value: Any) -> str:
        if hasattr(value, "get_source_expressions"):
            return self.visit(value)
        return self.constant(value)


def _find_operator(connector: str, left: Any, right: Any) -> str | None:
    """Return the template of an operator on two kinds of fields, or None."""
    if isinstance(left, INTEGERS) and isinstance(right, INTEGERS):
        return {
            "+": "({0} + {1})",
            "-": "({0} - {1})",
            "*": "({0} * {1})",
            "/": "divide_integers({0}, {1})",
            "%%": "remainder({0}, {1})",
        }.get(connector)
    kinds = {_number_kind(left), _number_kind(right)}
    if kinds in ({"decimal"}, {"decimal", "integer"}) and connector in "+-*":
        return f"({{0}} {connector} {{1}})"
    if kinds in ({"float"}, {"float", "integer"}) and connector in "+-*/":
        return f"({{0}} {connector} {{1}})"
    if connector == "-" and type(left) is type(right) and _is_moment(left):
        return " - ".join(_as_moment(left, "({0}", "{1}")) + ")"
    if connector in "+-" and (
        (isinstance(left, (models.DateTimeField, models.DurationField)))
        and isinstance(right, models.DurationField)
    ):
        (text,) = _as_moment(left, "{0}")
        return f"({text} {connector} {{1}})"
    return None


def _as_moment(kind: Any, *texts: str) -> list[str]:
    """Count in UTC: Python computes with the clock of a zone, which may be put back."""
    if not isinstance(kind, models.DateTimeField):
        return list(texts)
    return [text.replace("{", "in_utc({").replace("}", "})") for text in texts]


def _number_kind(kind: Any) -> str:
    if isinstance(kind, INTEGERS):
        return "integer"
    if isinstance(kind, models.DecimalField):
        return "decimal"
    return "float" if isinstance(kind, models.FloatField) else ""


def _is_moment(kind: Any) -> bool:
    return isinstance(kind, models.DateField)  # DateTimeField is one


def _describe(node: Any) -> str:
    if isinstance(node, CombinedExpression):
        kinds = (
            type(side.output_field).__name__ for side in node.get_source_expressions()
        )
        return f"{node.connector.replace('%%', '%')} of {' and '.join(kinds)}"
    return type(node).__name__


VISITORS: list[tuple[Any, Callable[[_Compiler, Any], str]]] = [
    (Col, _Compiler.column),
    (Value, _Compiler.value),
    (expressions.Case, _Compiler.case),
    (CombinedExpression, _Compiler.combined),
    (MonthsBetween, _Compiler.months),
    (functions.Coalesce, _Compiler.coalesce),
    (functions.NullIf, _Compiler.null_if),
    (functions.Abs, _Compiler.absolute),
    (functions.Length, _Compiler.length),
    (tuple(EXTRACTS), _Compiler.extract),
    (expressions.ExpressionWrapper, _Compiler.wrapper),
    (NothingNode, _Compiler.nothing),
    (WhereNode, _Compiler.where),
    (lookups.Lookup, _Compiler.lookup),
]
