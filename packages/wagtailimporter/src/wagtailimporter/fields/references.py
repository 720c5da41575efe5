"""References of one field: what they point to, and whether it is stored yet."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.parse.values import Mapping, Scalar, Value

__all__ = ["Resolver"]


class Resolver:
    """Finds the objects that one field refers to and remembers them.

    A target may be an instance that this run has yet to store; by the time that
    the field is written it has a primary key.
    """

    def __init__(
        self,
        find: Callable[[Mapping, tuple[type[models.Model], ...]], Any],
        exists: Callable[[str, str], bool] = lambda tag, key: True,
    ) -> None:
        self.find = find
        self.exists = exists  # whether a key in rich text, of !page say, is stored
        self.targets: list[models.Model] = []
        self._copies: list[tuple[models.Model, models.Model]] = []

    def one_of(self, allowed: tuple[type[models.Model], ...], value: Value) -> Any:
        """Return the object of a reference or a primary key; None for null.

        Raises:
            ImportFailed: it does not exist or is of another type.
        """
        if isinstance(value, Scalar) and value.is_null:
            return None
        if value.tag and not isinstance(value, Mapping):
            message = f"{value.tag} takes a mapping, such as !page {{url: /home}}."
            raise ImportFailed.at(value.place, message)
        if isinstance(value, Mapping):
            target = self.find(value, allowed)
        else:
            target = _by_primary_key(allowed, value)
        if not isinstance(target, allowed):
            wanted = " or ".join(model._meta.label_lower for model in allowed)
            message = f"expected {wanted}, this is a {target._meta.label_lower}."
            raise ImportFailed.at(value.place, message)
        self.targets.append(target)
        return target

    def copy_of(self, target: Any) -> Any:
        """Return a copy that may be given attributes of its own."""
        if target is None:
            return None
        twin = copy.copy(target)
        self._copies.append((twin, target))
        return twin

    @property
    def is_waiting(self) -> bool:
        """Whether a target has no primary key yet."""
        return any(target.pk is None for target in self.targets)

    @property
    def has_new_targets(self) -> bool:
        """Whether a target is not in the database yet."""
        return any(target._state.adding for target in self.targets)

    def settle(self) -> None:
        """Tell the copies which primary keys their originals were given."""
        for twin, target in self._copies:
            twin.pk = target.pk


def _by_primary_key(
    allowed: tuple[type[models.Model], ...], value: Value
) -> models.Model:
    if not isinstance(value, Scalar):
        message = "expected a reference such as !page {url: /home}."
        raise ImportFailed.at(value.place, message)
    with suppress(ValueError, ValidationError):
        for model in allowed:
            found = model._default_manager.filter(pk=value.text).first()
            if found is not None:
                return found
    names = " or ".join(model._meta.label_lower for model in allowed)
    message = (
        f"there is no {names} with primary key '{value.text}';"
        " write a reference such as !page {url: /home}."
    )
    raise ImportFailed.at(value.place, message)
