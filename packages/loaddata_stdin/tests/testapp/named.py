"""Models whose natural keys are not as simple as a unique column."""

from __future__ import annotations

import uuid

from django.db import models

from .models import Tag

__all__ = ["Badge", "Coin", "Grade", "Stamp"]


def by(*names):
    """Return a manager that gets an object by these fields."""

    class Manager(models.Manager):
        def get_by_natural_key(self, *parts):
            return self.get(**dict(zip(names, parts, strict=True)))

    return Manager()


class Named(models.Model):
    text = models.CharField(max_length=20, default="-")

    class Meta:
        abstract = True
        app_label = "testapp"

    def __str__(self):
        return self.text


class Badge(Named):
    code = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = by("code")

    def natural_key(self):
        return (self.code,)


class Coin(Named):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=20, unique=True)
    tags = models.ManyToManyField(Tag)

    objects = by("name")

    def natural_key(self):
        return (self.name,)


class Grade(Named):
    kind = models.CharField(max_length=20, default="usual")
    name = models.CharField(max_length=20)

    objects = by("kind", "name")

    class Meta(Named.Meta):
        unique_together = [("kind", "name")]

    def natural_key(self):
        return (self.kind, self.name)


class Stamp(Named):
    code = models.CharField(max_length=20, unique=True, db_default="new")

    objects = by("code")

    def natural_key(self):
        return (self.code,)
