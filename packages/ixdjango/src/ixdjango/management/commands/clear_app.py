"""manage.py clear_app: empty the tables of an app, and say first which."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.models import Model

from ixdjango.masking import describe_error


class Command(BaseCommand):
    """Empty tables; those of other apps that refer to them only with --cascade."""

    help = (
        "Empties the tables of apps or models, and sets their sequences to the start."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the targets and the options."""
        add = parser.add_argument
        add("targets", nargs="+", metavar="APP[.MODEL]")
        add("--database", default=DEFAULT_DB_ALIAS)
        add("--cascade", action="store_true", help="Empty tables of other apps, too.")
        add("--dry-run", action="store_true", help="Say what would go; change nothing.")
        add("--no-input", "--noinput", action="store_false", dest="interactive")

    def handle(self, *, targets: Sequence[str], database: str, **options: Any) -> None:
        """Show the tables and their rows, ask, and empty them in one transaction.

        Raises:
            CommandError: a target is unknown, tables of other apps hold rows that refer to
                these, or nobody confirmed.
        """
        if database not in connections:
            message = f"settings.DATABASES has no {database!r}."
            raise CommandError(message)
        chosen = _models_of(targets)
        closure = _referring(chosen)
        try:
            rows = {m: m._base_manager.using(database).count() for m in closure}
            self._show(chosen, closure, rows)
            _refuse_other_apps(chosen, closure, rows, is_allowed=options["cascade"])
            if options["dry_run"]:
                self.stdout.write("Nothing was changed.")
                return
            if options["interactive"]:
                _ask(sum(rows.values()), database)
            _flush(closure, database)
        except Error as error:
            message = f"{describe_error(error)}; nothing was changed."
            raise CommandError(message) from error
        if options["verbosity"] > 0:
            self.stdout.write(f"{sum(rows.values())} rows deleted.")

    def _show(
        self,
        chosen: list[type[Model]],
        closure: list[type[Model]],
        rows: dict[Any, int],
    ) -> None:
        for model in closure:
            why = "" if model in chosen else "  (refers to them)"
            self.stdout.write(f"{rows[model]:9} rows of {model._meta.label}{why}")


def _models_of(targets: Iterable[str]) -> list[type[Model]]:
    found: list[type[Model]] = []
    for target in targets:
        label, _, name = target.partition(".")
        try:
            config = apps.get_app_config(label)
            # Not apps.get_models(config): its first argument is something else.
            found += (
                [config.get_model(name)]
                if name
                else config.get_models(include_auto_created=True)
            )
        except LookupError as error:
            message = f"{target}: {error}"
            raise CommandError(message) from error
    tables = [m for m in found if m._meta.managed and not m._meta.proxy]
    if not tables:
        message = f"{' '.join(targets)}: there is no table of its own to empty."
        raise CommandError(message)
    return list(dict.fromkeys(tables))


def _referring(chosen: list[type[Model]]) -> list[type[Model]]:
    """Return the models, and all whose tables refer to theirs by a constraint."""
    found = list(chosen)
    others = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    for model in found:  # It grows.
        for other in others:
            if other not in found and _refers(other, model):
                found.append(other)
    return found


def _refers(model: type[Model], to: type[Model]) -> bool:
    return any(
        field.remote_field is not None
        and getattr(field, "db_constraint", False)
        and field.remote_field.model._meta.concrete_model is to
        for field in model._meta.local_concrete_fields
    )


def _refuse_other_apps(
    chosen: list[type[Model]],
    closure: list[type[Model]],
    rows: dict[type[Model], int],
    *,
    is_allowed: bool,
) -> None:
    labels = {model._meta.app_label for model in chosen}
    others = [m for m in closure if rows[m] and m._meta.app_label not in labels]
    if others and not is_allowed:
        names = ", ".join(model._meta.label for model in others)
        message = (
            f"{names} hold rows, and refer to what would go; nothing was changed. Give"
            " --cascade to empty these tables, too."
        )
        raise CommandError(message)


def _ask(number: int, database: str) -> None:
    if not sys.stdin.isatty():
        message = "nobody is there to confirm; give --no-input to go on without."
        raise CommandError(message)
    name = connections[database].settings_dict["NAME"]
    answer = input(f"Delete these {number} rows of the database {name!r}? [yes/no] ")
    if answer.strip() != "yes":
        message = "nothing was changed."
        raise CommandError(message)


def _flush(models: list[type[Model]], database: str) -> None:
    connection = connections[database]
    tables = [model._meta.db_table for model in models]
    with transaction.atomic(using=database):
        statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=True)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
