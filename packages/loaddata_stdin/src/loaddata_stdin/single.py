"""Save objects one by one, as Django does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.serializers.python import Deserializer
from django.db import DatabaseError, models, transaction
from django.db.models import Exists, OuterRef

from loaddata_stdin.diagnosis import Diagnosis
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.problems import Problems
from loaddata_stdin.typed import typed

__all__ = ["OneByOne"]


class OneByOne:
    """Django's deserialiser, and the objects that wait for others there."""

    def __init__(self, using: str, problems: Problems, *, is_lenient: bool) -> None:
        """Take how objects are saved.

        Args:
            using: the alias of the database.
            problems: what takes those that objects have.
            is_lenient: whether unknown fields are left out.
        """
        self._using = using
        self._problems = problems
        self._is_lenient = is_lenient
        # Any: Django's has no types.
        self._deferred: deque[tuple[Place, Any]] = deque()
        self._models: set[type[models.Model]] = set()

    def save(self, model: type[models.Model], item: FixtureObject) -> None:
        """Save an object.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        self._models.add(model._meta.concrete_model or model)
        with self._refusing(item.place, model):
            for made in Deserializer(
                [typed(model, item)],
                using=self._using,
                ignorenonexistent=self._is_lenient,
                handle_forward_references=True,
            ):
                made.save(using=self._using)
                if made.deferred_fields:
                    self._deferred.append((item.place, made))

    def finish(self) -> None:
        """Save what waited for others.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        while self._deferred:
            place, made = self._deferred.popleft()
            with self._refusing(place, type(made.object)):
                made.save_deferred_fields(using=self._using)

    def refuse_broken(self, error: DatabaseError) -> bool:
        """Refuse the rows whose references lead nowhere; return whether there are any.

        Where their objects stood in the stream is not known any more.

        Args:
            error: what the database said of one of them.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        found = False
        hidden = "***" if self._problems.secrets.has_any else None
        for model in self._models:
            for field in model._meta.local_concrete_fields:
                if not isinstance(field, models.ForeignKey):
                    continue
                for pk, key in self._broken(model, field):
                    found = True
                    wanted = field.remote_field.model._meta.label_lower
                    self._problems.add(
                        None,
                        f"{model._meta.label_lower} pk={hidden or pk}, field"
                        f" {field.name}: no {wanted} has the key {hidden or key}.",
                        error,
                    )
        return found

    def _broken(self, model: type[models.Model], field: Any) -> list[Any]:
        wanted = field.remote_field.model._base_manager.using(self._using).filter(
            **{field.target_field.attname: OuterRef(field.attname)}
        )
        rows: Any = model._base_manager.using(self._using)
        rows = rows.filter(~Exists(wanted), **{f"{field.attname}__isnull": False})
        found = rows.order_by("pk").values_list("pk", field.attname)
        return list(found[: self._problems.most])

    @contextmanager
    def _refusing(self, place: Place, model: type[models.Model]) -> Iterator[None]:
        # A savepoint costs as much as saving: it is made only to go on from.
        is_collecting = self._problems.is_collecting
        try:
            with transaction.atomic(self._using) if is_collecting else nullcontext():
                yield
        except Exception as error:  # noqa: BLE001  # Fields and receivers raise anything.
            self._problems.refuse(place, *_explained(error, model))


def _explained(
    error: Exception, model: type[models.Model]
) -> tuple[Exception, list[str], str]:
    if not isinstance(error, DatabaseError):
        return error, [], ""
    diagnosis = Diagnosis(error)
    if not diagnosis.is_of_object:
        raise error
    names = [field.name for field in diagnosis.fields(model)]
    return error, names, diagnosis.meaning(model)
