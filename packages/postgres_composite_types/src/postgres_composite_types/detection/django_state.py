"""What Django's migrations have no hook for.

ProjectState copies only what it knows (`clone`), renders only models (`apps`) and reads
only models (`from_apps`); the field that a generated one has inside knows no model
(`StateApps.register_model`). The tables of apps without migrations are made by
`Command.sync_apps` of migrate; `pre_migrate` would come in time, but cannot tell
run-syncdb from a plain migrate. `--fake-initial` looks for models only. What a migration cannot import is known only to
`MigrationLoader.load_disk`. Checked against Django 5.2, 6.0 and 6.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState, StateApps
from django.utils.functional import cached_property

from postgres_composite_types.column.fields import bind
from postgres_composite_types.declare.registry import live, types_of
from postgres_composite_types.detection.existing import (
    create_missing_types,
    look_for_types,
)
from postgres_composite_types.exceptions import CompositeTypeError
from postgres_composite_types.schema import editor
from postgres_composite_types.schema.state import TypedStateApps, TypeState, types_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.db.migrations import Migration

    # Any: the wrapped functions belong to Django and to whoever wrapped them before.
    Wrapped = Callable[..., Any]


def install() -> None:
    """Patch ProjectState and migrate; a second call changes nothing."""
    if hasattr(ProjectState, "carries_composite_types"):
        return
    ProjectState.carries_composite_types = True  # type: ignore[attr-defined]  # our mark
    ProjectState.clone = _clone(ProjectState.clone)  # type: ignore[method-assign]  # no hook
    ProjectState.from_apps = classmethod(_from_apps(ProjectState.from_apps.__func__))  # type: ignore[attr-defined, method-assign, assignment]  # no hook
    apps = cached_property(TypedStateApps)
    apps.__set_name__(ProjectState, "apps")
    ProjectState.apps = apps  # type: ignore[assignment]  # no hook
    StateApps.register_model = _register_model(StateApps.register_model)  # type: ignore[method-assign]  # no hook
    editor.install()
    MigrationLoader.load_disk = _load_disk(MigrationLoader.load_disk)  # type: ignore[method-assign]  # no hook
    soft_applied = _detect_soft_applied(MigrationExecutor.detect_soft_applied)
    MigrationExecutor.detect_soft_applied = soft_applied  # type: ignore[method-assign]  # no hook
    migrate.Command.sync_apps = _sync_apps(migrate.Command.sync_apps)  # type: ignore[method-assign]  # no hook


def _clone(original: Wrapped) -> Wrapped:
    def clone(state: ProjectState) -> ProjectState:
        """Return an exact copy of this state."""
        copy: ProjectState = original(state)
        types_in(copy).update(types_in(state))
        if "apps" in copy.__dict__:
            copy.apps.composite_types = state.apps.composite_types  # type: ignore[attr-defined]  # TypedStateApps
        return copy

    return clone


def _from_apps(original: Wrapped) -> Wrapped:
    def from_apps(cls: type[ProjectState], apps: Any) -> ProjectState:
        """Take an Apps and return a state that matches it."""
        state: ProjectState = original(cls, apps)
        for type_class in types_of(apps):
            type_state = TypeState.from_type(type_class)
            if type_state.app_label in apps.app_configs:
                types_in(state)[type_state.key] = type_state
        return state

    return from_apps


def _register_model(original: Wrapped) -> Wrapped:
    def register_model(apps: StateApps, app_label: str, model: Any) -> None:
        """Register a model whose generated fields find the types of this state."""
        original(apps, app_label, model)
        for field in model._meta.local_fields:
            if field.generated:
                bind(field.output_field, model)

    return register_model


def _load_disk(original: Wrapped) -> Wrapped:
    def load_disk(loader: MigrationLoader) -> None:
        """Load the migrations from all INSTALLED_APPS from disk."""
        try:
            original(loader)
        except (AttributeError, ImportError) as error:
            if cure := cure_of(error):
                raise CompositeTypeError(cure) from error
            raise

    return load_disk


def cure_of(error: AttributeError | ImportError) -> str | None:
    """Return what helps a migration that names a class of the original package.

    django-postgres-composite-types put a field class for each type into its module.
    """
    if isinstance(error, AttributeError):
        module, name = getattr(error.obj, "__name__", None), error.name
    else:  # Python 3.12 has name_from, 3.10 has the message only.
        words = re.match(r"cannot import name '(\w+)'", str(error))
        module, name = error.name, words and words[1]
    for type_class in live:
        type_name = type_class.__name__
        if type_class.__module__ == module and name == f"{type_name}Field":
            return (
                f"{module}: a migration names {name}, which no class makes any more;"
                f" add the line `{name} = {type_name}.Field` below {type_name}."
            )
    return None


def _detect_soft_applied(original: Wrapped) -> Wrapped:
    def detect_soft_applied(
        executor: MigrationExecutor, project_state: Any, migration: Migration
    ) -> tuple[bool, Any]:
        """Test whether what an initial migration would create exists, types too."""
        missing, present = look_for_types(executor.connection, migration)
        if missing:
            return False, project_state
        applied, state = original(executor, project_state, migration)
        # Of tables there may be none. The state is another if all of them are there.
        is_whole = bool(present) and state is not project_state
        return applied or is_whole, state

    return detect_soft_applied


def _sync_apps(original: Wrapped) -> Wrapped:
    def sync_apps(command: Any, connection: Any, app_labels: Collection[str]) -> None:
        """Make the types that are missing, then the tables, of these apps."""
        create_missing_types(connection, app_labels)
        original(command, connection, app_labels)

    return sync_apps
