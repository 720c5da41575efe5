"""System checks of the declared types.

| id   | what                                                                  |
|------|-----------------------------------------------------------------------|
| E001 | two types, or a type and a table, have one name in the database       |
| E002 | a member asks for what only a column can do, such as to be unique     |
| E003 | a column of a composite type is in a database that is not PostgreSQL  |
| E004 | a foreign key refers to a column of a composite type                  |
| E005 | a column of a composite type has choices                              |
| W001 | a type is missing in the database (with `--database`, as W002, W003)  |
| W002 | a class and the type in the database differ                           |
| W003 | the name finds something else in the database                         |
| W004 | a member is `json`, which DISTINCT, GROUP BY and `=` cannot compare   |
| W005 | members may not be null, but no constraint says so (with `--deploy`)  |
| W006 | an option of a member has no effect, such as an index                 |

What the database has is never an Error: that would stop the `migrate` that cures it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import CheckConstraint, Model, Q

from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.database.catalog import read_types
from postgres_composite_types.database.drift import (
    creating_migration,
    cure_for_missing,
    differences,
    element_type,
    resolve,
)
from postgres_composite_types.database.member_checks import check_columns, check_members
from postgres_composite_types.declare.definition import Definition, quote
from postgres_composite_types.declare.registry import live

__all__ = ["install"]

_ID = "postgres_composite_types"


def install() -> None:
    """Register the checks; a second call changes nothing."""
    register(check_names, Tags.models)
    register(check_members, Tags.models)
    register(check_columns, Tags.models)
    register(check_json_members, Tags.models)
    register(check_nulls, Tags.models, deploy=True)
    register(check_databases, Tags.database)


def _definitions(app_configs: Sequence[AppConfig] | None) -> list[Definition]:
    labels = {config.label for config in app_configs or apps.get_app_configs()}
    return [each._meta for each in live if each._meta.app_label in labels]


def check_names(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Find names that would be given twice; a table makes a type of its own name."""
    owners: dict[str, list[str]] = defaultdict(list)
    for composite in live:
        owners[composite._meta.qualified_name].append(composite._meta.label)
    for model in apps.get_models(include_auto_created=True):
        owners[quote(model._meta.db_table)].append(f"the table of {model._meta.label}")
    return [
        Error(
            f"{' and '.join(owners[definition.qualified_name])} have the name "
            f"{definition.qualified_name}.",
            hint="Change Meta.db_type.",
            obj=definition.label,
            id=f"{_ID}.E001",
        )
        for definition in _definitions(app_configs)
        if len(owners[definition.qualified_name]) > 1
    ]


def check_json_members(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Find members whose type has no equality, and so the whole value has none."""
    postgres = [each for each in connections.all() if each.vendor == "postgresql"]
    return [
        Warning(
            f"{member.name} is json, which has no equality: DISTINCT, GROUP BY, "
            "ORDER BY and = fail on values of this type.",
            hint="Use jsonb, which JSONField does.",
            obj=definition.label,
            id=f"{_ID}.W004",
        )
        for definition in _definitions(app_configs)
        for member in definition.fields
        if postgres and element_type(str(member.db_type(postgres[0]))) == "json"
    ]


def check_nulls(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Find members that only forms and full_clean keep from being null."""
    labels = {config.label for config in app_configs or apps.get_app_configs()}
    return [
        Warning(
            f"The database lets {_sentence(members)} be null: PostgreSQL has no NOT "
            "NULL inside a type, so only forms and full_clean refuse it.",
            hint=f"Add {_constraint(model, field, members)}, or null=True to the members.",
            obj=field,
            id=f"{_ID}.W005",
        )
        for model in apps.get_models()
        if model._meta.app_label in labels and model._meta.managed
        for field in model._meta.local_fields
        if isinstance(field, CompositeTypeField)
        if (members := list(_unprotected(model, field)))
    ]


def _unprotected(model: type[Model], field: CompositeTypeField) -> Iterator[str]:
    """Yield the members that are not to be null and that no constraint speaks of."""
    spoken_of = {
        path
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        for path in _paths(constraint.condition)
    }
    for member in field.composite._meta.fields:
        path = f"{field.name}__{member.name}"
        if not member.null and not any(
            f"{p}__".startswith(f"{path}__") for p in spoken_of
        ):
            yield member.name


def _paths(condition: Any) -> Iterator[str]:
    for child in condition.children if isinstance(condition, Q) else ():
        if isinstance(child, tuple):
            yield child[0]
        else:
            yield from _paths(child)


def _sentence(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _constraint(
    model: type[Model], field: CompositeTypeField, members: list[str]
) -> str:
    """Return the constraint that is missing, as source."""
    are_there = ", ".join(f"{field.name}__{name}__isnull=False" for name in members)
    condition = f"Q({are_there})"
    if field.null:
        condition = f"Q({field.name}__isnull=True) | {condition}"
    name = f"{model._meta.model_name}_{field.name}_is_whole"
    return f'CheckConstraint(condition={condition}, name="{name}")'


def check_databases(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """Compare the classes with what each database has."""
    return [
        message
        for alias in databases or ()
        if connections[alias].vendor == "postgresql"
        for message in _compare(alias, _definitions(app_configs))
    ]


def _compare(alias: str, definitions: list[Definition]) -> Iterator[CheckMessage]:
    connection = connections[alias]
    there = {each.oid: each for each in read_types(connection)}
    members = [field for each in definitions for field in each.fields]
    names = [element_type(str(field.db_type(connection))) for field in members]
    oids = resolve(connection, [*names, *(each.qualified_name for each in definitions)])
    for each in definitions:
        if not router.allow_migrate(alias, each.app_label, model_name=each.model_name):
            continue
        found = oids[each.qualified_name]
        place = f"{each.qualified_name} in database {alias!r}"
        if found is None and not MigrationRecorder(connection).has_table():
            return  # Nothing was migrated yet: the first `migrate` is about to.
        if found is None and each.managed and (creator := creating_migration(each)):
            if creator not in MigrationRecorder(connection).applied_migrations():
                continue  # `migrate` is about to create it.
            text, number = f"There is no {place}.", 1
            hint = f"{'.'.join(creator)} created it, and somebody dropped it."
        elif found is None:
            text, hint, number = f"There is no {place}.", cure_for_missing(each), 1
        elif found not in there:
            text = f"{place} is not a composite type, or it is a table's."
            hint, number = "Give Meta.db_type another name, or set Meta.schema.", 3
        elif differing := list(differences(each, there[found], connection, oids)):
            text = f"{place} differs from the class: {'; '.join(differing)}."
            hint, number = "Run manage.py makemigrations, then manage.py migrate.", 2
            if not each.managed:
                hint = "Change one of them: Meta.managed is False."
        else:
            continue
        yield Warning(text, hint=hint, obj=each.label, id=f"{_ID}.W00{number}")
