"""Detect changes of composite types along with those of models."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from django.db.migrations.autodetector import OperationDependency

from postgres_composite_types.detection.diff import TypeDiff
from postgres_composite_types.detection.mentions import binding_names, names_in
from postgres_composite_types.operations import (
    AddAttribute,
    AdoptCompositeType,
    AlterAttribute,
    CreateCompositeType,
    DeleteCompositeType,
    RemoveAttribute,
    RenameCompositeType,
)
from postgres_composite_types.operations.base import TypeOperation
from postgres_composite_types.schema.state import (
    Key,
    closure_of,
    fields_of,
    types_in,
    used_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.migrations.operations.base import Operation

# Any: the stubs know neither the private methods nor other kinds of dependencies.
Base: Any = object
Dependency: Any = OperationDependency


class Needs(Enum):
    """What an operation waits for, beside what Django knows."""

    READY = auto()  # every operation that leads to the new shape of a type
    UNUSED = auto()  # every operation by which a type lets go of other types
    SETTLED = auto()  # every removal from a model
    AFTER = auto()  # the operation that stands in the place of a field's name
    APP = auto()  # what the other app had before


class CompositeTypeAutodetectorMixin(Base):  # type: ignore[misc]  # see above
    """Adds composite types to a MigrationAutodetector; put it to the left of that.

    What is removed from the models that use a type comes first, then the changes of
    the type, then what else is done to those models.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An app of types alone has no models, yet its next migration is not initial.
        self.existing_apps |= {app_label for app_label, _ in types_in(self.from_state)}
        self._convert_apps: set[str] = set()
        self._changed: dict[Key, Operation] = {}  # and the last operation on each
        self._namers: dict[Key, set[str]] = {}
        self._graph: Any = None

    def _detect_changes(self, convert_apps: Any = None, graph: Any = None) -> Any:
        self._convert_apps = set(convert_apps or ())
        if graph:
            self._graph = graph
            self._namers = apps_that_named(graph)
        return super()._detect_changes(convert_apps, graph)

    def generate_renamed_models(self) -> None:
        """Generate the operations on types before all others."""
        self._report_unfrozen()
        uses = {
            key: used_by(each.members)
            for key, each in types_in(self.from_state).items()
        }
        diff = TypeDiff(
            self.from_state,
            self.to_state,
            self.questioner,
            self.deep_deconstruct,
            self._is_migrated,
        )
        for app_label, operation in diff.operations():
            self._add_type_operation(app_label, operation, uses)
        super().generate_renamed_models()

    def _is_migrated(self, app_label: str) -> bool:
        unmigrated = self.from_state.real_apps - self._convert_apps
        return app_label not in unmigrated

    def _report_unfrozen(self) -> None:
        output = getattr(self.questioner, "prompt_output", None)
        log = output.write if output else getattr(self.questioner, "log", None)
        for each in types_in(self.from_state).values():
            if log and not each.is_frozen:
                log(
                    f"{each.app_label}.{each.name}: a migration creates it by"
                    f" {each.name}.Operation(), which freezes nothing, so changes of it"
                    " are not detected; run manage.py freeze_composite_types."
                )

    def _add_type_operation(
        self, app_label: str, operation: TypeOperation, uses: dict[Key, set[Key]]
    ) -> None:
        key, new_key = operation.key(app_label), operation.new_key(app_label)
        needs = [
            Dependency(*used, None, Needs.READY)
            for used in sorted(used_by(fields_of(operation)))
        ]
        if previous := self._changed.get(key):
            needs.append(Dependency(*key, previous, Needs.AFTER))
        if not isinstance(operation, CreateCompositeType | AddAttribute):
            needs += self._needs_of_users(operation, key, uses)
        if new_key != key:
            uses[new_key] = uses.pop(key)
            self._namers[new_key] = self._namers.get(key, set())
            for used in uses.values():
                used.symmetric_difference_update({key, new_key} if key in used else ())
        self._changed[new_key] = operation
        super().add_operation(app_label, operation, needs)

    def _needs_of_users(
        self, operation: TypeOperation, key: Key, uses: dict[Key, set[Key]]
    ) -> Iterator[Any]:
        """Yield what the users of a type must have done before it changes."""
        is_deletion = isinstance(operation, DeleteCompositeType)
        for namer in sorted({key[0], *self._bound_apps(operation, key)}):
            yield Dependency(namer, "", None, Needs.APP)
        for user, used in uses.items():
            if key in used and is_deletion:
                yield Dependency(*user, None, Needs.UNUSED)
        for (app_label, name), model in self.from_state.models.items():
            if app_label in self.from_state.real_apps:
                continue
            if key in closure_of(self.from_state, model.fields):
                yield Dependency(app_label, name, None, Needs.SETTLED)
            kinds = Dependency.Type
            for field_name, field in model.fields.items() if is_deletion else ():
                if key in used_by({field_name: field}):
                    yield Dependency(app_label, name, None, kinds.REMOVE)
                    yield Dependency(app_label, name, field_name, kinds.REMOVE)
                    yield Dependency(app_label, name, field_name, kinds.ALTER)

    def _bound_apps(self, operation: TypeOperation, key: Key) -> Iterator[str]:
        """Yield the apps whose migrations so far must come before a change of a type.

        Those that do not mention its member work before and after the change. A
        dependency on them would be a circle once the changes of the type are squashed.
        """
        names = binding_names(operation, types_in(self.from_state)[key])
        for namer in self._namers.get(key, ()):
            if names is None or not self._names_in(namer).isdisjoint(names):
                yield namer

    def _names_in(self, app_label: str) -> set[str]:
        return names_in(
            operation
            for migration in self._graph.nodes.values()
            if migration.app_label == app_label
            for operation in migration.operations
        )

    def add_operation(
        self,
        app_label: str,
        operation: Operation,
        dependencies: Iterable[Any] | None = None,
        beginning: bool = False,  # Django's signature
    ) -> None:
        """Let what is done to a model wait for the types that it uses."""
        needs = [
            Dependency(*key, None, need)
            for key, need in self._types_for(app_label, operation).items()
        ]
        super().add_operation(
            app_label, operation, [*(dependencies or ()), *needs], beginning
        )

    def _types_for(self, app_label: str, operation: Operation) -> dict[Key, Needs]:
        name = getattr(operation, "model_name_lower", None) or getattr(
            operation, "name_lower", None
        )
        state = self.from_state if _is_removal(operation) else self.to_state
        model = state.models.get((app_label, name))
        used = closure_of(state, model.fields) if model else set()
        if _is_removal(operation):
            # Backwards it needs the types as they were, and these stand already.
            return dict.fromkeys(sorted(used), Needs.APP)
        used = used_by(fields_of(operation)) | used & self._changed.keys()
        return dict.fromkeys(sorted(used), Needs.READY)

    def check_dependency(self, operation: Operation, dependency: Any) -> bool:
        """Return whether the operation is one that the dependency waits for."""
        name = dependency.model_name_lower
        match dependency.type:
            case Needs.READY:
                return _shapes(operation, name)
            case Needs.UNUSED:
                kinds = RemoveAttribute | AlterAttribute | DeleteCompositeType
                return (
                    isinstance(operation, kinds) and operation.type_name_lower == name
                )
            case Needs.SETTLED:
                model_name = getattr(operation, "model_name_lower", None)
                return model_name == name and _is_removal(operation)
            case Needs.AFTER:
                return operation is dependency.field_name
            case Needs.APP:
                return False
        is_met: bool = super().check_dependency(operation, dependency)
        return is_met

    def _sort_migrations(self) -> None:
        """Put last in each app what waits for the types of another.

        Migrations are cut from the front: what waits must not stand in the way of a
        removal that the other app waits for.
        """
        for operations in self.generated_operations.values():
            for operation in operations:
                operation._auto_deps = [
                    each for each in operation._auto_deps if not self._is_idle(each)
                ]
        super()._sort_migrations()
        for app_label, operations in self.generated_operations.items():
            waiting: list[Operation] = []
            for operation in operations:
                if any(
                    self._waits(dependency, app_label, waiting)
                    for dependency in operation._auto_deps
                ):
                    waiting.append(operation)
            ready = [each for each in operations if each not in waiting]
            self.generated_operations[app_label] = ready + waiting

    def _is_idle(self, dependency: Any) -> bool:
        """Return whether a dependency waits for a removal that there is not."""
        generated = self.generated_operations.get(dependency.app_label, ())
        return dependency.type is Needs.SETTLED and not any(
            self.check_dependency(each, dependency) for each in generated
        )

    def _waits(self, dependency: Any, app_label: str, waiting: list[Operation]) -> bool:
        resolved, _ = self._resolve_dependency(dependency)
        if resolved.app_label == app_label:
            candidates = waiting
        elif isinstance(dependency.type, Needs):
            candidates = self.generated_operations.get(resolved.app_label, [])
        else:
            candidates = []
        return any(self.check_dependency(each, resolved) for each in candidates)


def apps_that_named(graph: Any) -> dict[Key, set[str]]:
    """Return the apps whose migrations ever named a type in a field.

    They may have let go of it since, yet a replay needs the type until then.
    """
    namers: dict[Key, set[str]] = {}
    renamed: list[tuple[Key, Key]] = []
    for migration in graph.nodes.values():
        for operation in migration.operations:
            for key in used_by(fields_of(operation)):
                namers.setdefault(key, set()).add(migration.app_label)
            if isinstance(operation, RenameCompositeType | AdoptCompositeType):
                label = migration.app_label
                renamed.append((operation.key(label), operation.new_key(label)))
    for _ in renamed:  # A chain of names is no longer than that.
        for old, new in renamed:
            namers.setdefault(new, set()).update(namers.get(old, ()))
    return namers


def _is_removal(operation: Operation) -> bool:
    # By name, so that the operations of other apps (RemoveTrigger) count too.
    return type(operation).__name__.startswith(("Remove", "Delete", "RenameModel"))


def _shapes(operation: Operation, name: str) -> bool:
    return (
        isinstance(operation, TypeOperation)
        and not isinstance(operation, DeleteCompositeType)
        and operation.new_key("")[1] == name
    )
