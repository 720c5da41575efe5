"""System checks of every derived field: Django calls none on fields without a column.

wagtail_derived_fields.E001  the expression cannot be resolved
wagtail_derived_fields.E002  the expression has no equivalent in Python
wagtail_derived_fields.E003  Meta names the field where a column is needed
wagtail_derived_fields.E004  a FilterField whose values no index can hold
wagtail_derived_fields.E005  a stored value that the database would refuse
wagtail_derived_fields.E006  a value that follows the clock without time_dependent=True
wagtail_derived_fields.E007  depends_on names no relation
wagtail_derived_fields.E008  a relation to many gives more than one value
wagtail_derived_fields.W001  an indexed value follows other rows without depends_on
wagtail_derived_fields.W002  the back end of a search would give other answers
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.functions import Now
from modelsearch.index import FilterField, class_is_indexed

from wagtail_derived_fields.declare.columns import resolve
from wagtail_derived_fields.declare.fields import DerivedField, derived_fields
from wagtail_derived_fields.declare.stored import StoredDerivedField
from wagtail_derived_fields.evaluate.compile import NotCompilable, compile_expression
from wagtail_derived_fields.exceptions import NoPythonValueError
from wagtail_derived_fields.search.codecs import find_codec
from wagtail_derived_fields.search.refresh import related_models

__all__ = ["check_derived_fields"]

ID = "wagtail_derived_fields"
STOCK = "modelsearch.backends.", "wagtail.search.backends."


def check_derived_fields(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return a message for each problem of a derived field."""
    chosen = None if app_configs is None else {item.label for item in app_configs}
    messages: list[CheckMessage] = []
    for model in apps.get_models():
        if chosen is None or model._meta.app_label in chosen:
            messages += _check_model(model)
    return messages


def _check_model(model: type[models.Model]) -> Iterator[CheckMessage]:
    own = [field for field in derived_fields(model) if field.model is model]
    for derived in own:
        problem = _find_unresolved(derived)
        if problem:
            yield problem
            continue
        yield from _check_field(derived)
        yield from _check_depends_on(derived)
    for field in model._meta.local_fields:
        if isinstance(field, StoredDerivedField):
            yield from _check_stored(field)
    if own:
        yield from _check_meta(model, {field.name: field for field in own})
    if class_is_indexed(model):
        yield from _check_search(model)


def _find_unresolved(field: DerivedField) -> CheckMessage | None:
    try:
        field.resolved  # noqa: B018 - resolving is the check
    except (FieldError, RecursionError) as error:
        hint = "Name fields of the model, and no ring of derived fields."
        return Error(f"{error}.", hint=hint, obj=field, id=f"{ID}.E001")
    return None


def _check_field(field: DerivedField) -> Iterator[CheckMessage]:
    try:
        field.evaluator  # noqa: B018 - compiling is the check
    except NoPythonValueError as error:
        hint = f"Write def {field.name}(self) below it, with @{field.name}.python."
        yield Error(f"{error}.", hint=hint, obj=field, id=f"{ID}.E002")
    if field.resolved.is_multiplied:
        yield Error(
            f"{_label(field)} follows a relation to many without an aggregate, so that"
            " it may have several values.",
            hint="Use an aggregate such as Count(), or Exists().",
            obj=field,
            id=f"{ID}.E008",
        )
    if _has_clock(field.resolved.expression) and not field.time_dependent:
        yield Error(
            f"{_label(field)} follows the clock.",
            hint="Give it time_dependent=True, and run refresh_derived_fields.",
            obj=field,
            id=f"{ID}.E006",
        )


def _check_depends_on(field: DerivedField) -> Iterator[CheckMessage]:
    for path in field.depends_on:
        try:
            related_models(field.model, path)
        except FieldDoesNotExist as error:  # noqa: PERF203
            yield Error(
                f"{_label(field)}: depends_on names {path!r}: {error}.",
                hint="Name relations, such as 'team' or 'team__region'.",
                obj=field,
                id=f"{ID}.E007",
            )


def _check_stored(field: StoredDerivedField) -> Iterator[CheckMessage]:
    try:
        found = resolve(field.model, field.expression)
        if not found.is_local:
            message = "it follows relations"
        else:
            compile_expression(found.expression, found.paths, field.name)
            return
    except FieldError as error:
        message = str(error)
    except NotCompilable as reason:
        message = f"{reason} is not known to be immutable"
    yield Error(
        f"{_label(field)} cannot be stored: {message}.",
        hint="Leave out stored=True, or use Django's GeneratedField.",
        obj=field,
        id=f"{ID}.E005",
    )


def _check_meta(
    model: type[models.Model], own: dict[str, DerivedField]
) -> Iterator[CheckMessage]:
    meta = model._meta
    places: list[tuple[str, list[str]]] = []
    for kind, items in (("index", meta.indexes), ("constraint", meta.constraints)):
        for item in items:
            names = [name.lstrip("-") for name in getattr(item, "fields", ())]
            for part in (
                getattr(item, "condition", None),
                *getattr(item, "expressions", ()),
            ):
                names += _names_in(part)
            places.append((f"the {kind} {item.name!r}", names))
    places += [("unique_together", list(group)) for group in meta.unique_together]
    for place, names in places:
        for name in names:
            if name in own:
                yield Error(
                    f"{place} of {meta.label} names the derived field {name!r}, which has"
                    " no column.",
                    hint=f"Write the expression instead: {own[name].expression!r}.",
                    obj=model,
                    id=f"{ID}.E003",
                )


def _check_search(model: Any) -> Iterator[CheckMessage]:
    has_derived = False
    for search_field in model.get_search_fields():
        field = _field_of(search_field, model)
        if not isinstance(field, DerivedField):
            continue
        has_derived = True
        if field.model is not model or _find_unresolved(field):
            continue
        if (
            isinstance(search_field, FilterField)
            and "type" not in search_field.kwargs
            and find_codec(field) is None
        ):
            yield Error(
                f"{_label(field)}: no index holds {field.get_internal_type()} so that it"
                " compares as in SQL.",
                hint="Leave it out of search_fields, or derive a number or a text.",
                obj=field,
                id=f"{ID}.E004",
            )
        if not field.resolved.is_own and not field.depends_on:
            yield Warning(
                f"{_label(field)} is indexed and follows other rows: the index keeps its"
                " old value when they change.",
                hint="Name the relations: depends_on=[...].",
                obj=field,
                id=f"{ID}.W001",
            )
    if has_derived:
        yield from _check_back_ends(model)


def _check_back_ends(model: Any) -> Iterator[CheckMessage]:
    for setting in ("MODELSEARCH_BACKENDS", "WAGTAILSEARCH_BACKENDS"):
        for name, options in getattr(settings, setting, {}).items():
            back_end = options.get("BACKEND", "")
            kind = back_end.removeprefix(STOCK[0]).removeprefix(STOCK[1])
            if kind == back_end or not kind.startswith(("elasticsearch", "opensearch")):
                continue
            ours = f"{ID}.search.{'elasticsearch' if kind[0] == 'e' else 'opensearch'}"
            yield Warning(
                f"{setting}[{name!r}]: {back_end} gives other answers than the database"
                f" for the derived fields of {model._meta.label}.",
                hint=f'Set BACKEND to "{ours}", and rebuild the index.',
                obj=model,
                id=f"{ID}.W002",
            )


def _field_of(search_field: Any, model: Any) -> Any:
    try:
        return search_field.get_field(model)
    except FieldDoesNotExist:
        return None


def _has_clock(expression: Any) -> bool:
    if isinstance(expression, Now):
        return True
    sources: list[Any] = getattr(expression, "get_source_expressions", list)()
    return any(_has_clock(source) for source in sources if source is not None)


def _names_in(expression: Any) -> Iterator[str]:
    """Yield the fields that a condition or an expression of Meta names."""
    if isinstance(expression, models.F):
        yield str(vars(expression)["name"]).partition("__")[0]
    elif isinstance(expression, models.Q):
        for child in expression.children:
            if isinstance(child, tuple):
                yield str(child[0]).partition("__")[0]
                yield from _names_in(child[1])
            else:
                yield from _names_in(child)
    else:
        for source in getattr(expression, "get_source_expressions", list)():
            yield from _names_in(source)


def _label(field: Any) -> str:
    return f"{field.model._meta.label}.{field.name}"
