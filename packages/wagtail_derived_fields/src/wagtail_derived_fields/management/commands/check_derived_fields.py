"""manage.py check_derived_fields: does Python agree with the database on every value?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections, models, transaction
from django.db.models import Value
from django.db.models.expressions import Col
from django.db.models.functions import Cast
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

from wagtail_derived_fields.declare.columns import DerivedColumn
from wagtail_derived_fields.declare.fields import DerivedField, derived_fields
from wagtail_derived_fields.evaluate.samples import make_instances

__all__ = ["Command"]

VALUE = "_derived_value"


class Command(BaseCommand):
    """Compares with generated values, then with rows; writes nothing."""

    help = "Compare the Python value of derived fields with that of the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how much is compared."""
        parser.add_argument("labels", nargs="*", metavar="app.Model")
        parser.add_argument("--database", default="default")
        parser.add_argument(
            "--samples", type=int, default=200, help="generated instances (200)"
        )
        parser.add_argument("--rows", type=int, default=200, help="stored rows (200)")
        parser.add_argument("--seed", type=int, default=1, help="of the samples (1)")

    def handle(self, *args: Any, labels: list[str], **options: Any) -> None:
        """Compare every field; leave with an error if one differs.

        Raises:
            CommandError: a field has different values, or a label names no model.
        """
        differences = []
        for model in _chosen_models(labels):
            for field in derived_fields(model):
                if field.model is not model:
                    continue
                compared = 0
                for instance, expected in _compare(field, options):
                    compared += 1
                    actual = field.evaluator(instance)
                    if actual != expected:
                        differences.append(_describe(field, instance, actual, expected))
                        break
                if options["verbosity"]:
                    self.stdout.write(f"{field}: {compared} values compared")
        if differences:
            raise CommandError("\n".join(differences))


def _chosen_models(labels: list[str]) -> list[type[models.Model]]:
    if not labels:
        return [model for model in apps.get_models() if derived_fields(model)]
    try:
        return [apps.get_model(label) for label in labels]
    except (LookupError, ValueError) as error:
        raise CommandError(str(error)) from error


def _compare(
    field: DerivedField, options: dict[str, Any]
) -> Iterator[tuple[models.Model, Any]]:
    """Yield instances with the value that the database gives for each."""
    database = options["database"]
    if field.resolved.is_local:
        for instance in make_instances(
            field.model, options["samples"], options["seed"]
        ):
            try:
                yield instance, _evaluate_in_database(field, instance, database)
            except DatabaseError:  # noqa: PERF203 - a division by zero, which both refuse
                continue
    if not field.is_queried:
        rows = field.model._base_manager.using(database).order_by("?")
        for instance in rows.annotate(**{VALUE: models.F(field.name)})[
            : options["rows"]
        ]:
            yield instance, getattr(instance, VALUE)


def _evaluate_in_database(field: DerivedField, instance: Any, database: str) -> Any:
    """Return what the database computes from the values of an unsaved instance."""
    query: Any = Query(None)
    query.add_annotation(_fill_in(field.resolved.expression, instance), VALUE)
    with transaction.atomic(using=database):
        compiler = query.get_compiler(connection=connections[database])
        [row] = compiler.results_iter()
    return row[0]


def _fill_in(node: Any, instance: models.Model) -> Any:
    """Return a resolved expression with values in the place of its columns."""
    if isinstance(node, DerivedColumn):
        return _fill_in(node.expression, instance)
    if isinstance(node, Col):
        value = Value(getattr(instance, node.target.attname), output_field=node.target)
        return Cast(value, output_field=node.target)
    if isinstance(node, WhereNode):
        clone = node.clone()
        clone.children = [_fill_in(child, instance) for child in node.children]
        return clone
    if not hasattr(node, "get_source_expressions"):
        return node
    clone = copy.copy(node)
    clone.set_source_expressions(
        [_fill_in(source, instance) for source in node.get_source_expressions()]
    )
    return clone


def _describe(field: DerivedField, instance: Any, actual: Any, expected: Any) -> str:
    values = ", ".join(
        f"{item.attname}={getattr(instance, item.attname)!r}"
        for item in field.model._meta.concrete_fields
    )
    return f"{field}: Python {actual!r}, database {expected!r}, for {values}"
