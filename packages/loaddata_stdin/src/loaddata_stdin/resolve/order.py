"""Put models after those that they refer to."""

from __future__ import annotations

from django.db import models

from loaddata_stdin.stage.objects import Stage

__all__ = ["in_order"]

_Model = type[models.Model]


def in_order(stages: dict[_Model, Stage]) -> list[Stage]:
    """Return the tables, each after those that it refers to, but for cycles."""
    ordered: dict[_Model, Stage] = {}
    seen = set()
    # A list in place of recursion: a chain of models may be long.
    waiting = list(reversed(stages))
    while waiting:
        model = waiting[-1]
        before = [] if model in seen else _before(model, stages)
        seen.add(model)
        waiting += [each for each in before if each not in seen]
        if waiting[-1] is model:
            ordered.setdefault(waiting.pop(), stages[model])
    return list(ordered.values())


def _before(model: _Model, stages: dict[_Model, Stage]) -> list[_Model]:
    related = [
        field.remote_field.model._meta.concrete_model
        for field in stages[model].target.fields
        if field.remote_field
    ]
    return [each for each in related if each in stages]
