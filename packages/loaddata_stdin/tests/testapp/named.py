"""Models whose natural keys are not as simple as a unique column."""

from __future__ import annotations

import uuid

from django.db import models, transaction

from .models import Tag

__all__ = [
    *("Alias", "Badge", "Branch", "Coin", "Fork", "Grade", "Living", "Level"),
    *("Knot", "Low", "Numbered", "Sign", "Signed", "Signer", "Stamp", "Version"),
]


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


class AliasManager(models.Manager):
    """Its `way` is how it looks up a name."""

    way = "get"

    def get_by_natural_key(self, name):
        return getattr(self, f"_{self.way}")(name)

    def _get(self, name):
        return self.get(name=name)

    def _lower(self, name):
        return self.get(name=name.lower())

    def _strip(self, name):
        return self.get(name=name.strip())

    def _fallback(self, name):
        try:
            return self.get(name=name)
        except self.model.DoesNotExist:
            return self.get(text=name)

    def _create(self, name):
        return self.get_or_create(name=name)[0]

    def _table(self, name):
        return self.get(text={"known": "-"}[name])

    def _none(self, name):
        return None

    def _within(self, name):
        with transaction.atomic(using=self.db, savepoint=False):
            return self.get(name=name)


class Alias(Named):
    name = models.CharField(max_length=20, unique=True)
    of = models.ForeignKey("self", models.CASCADE, null=True)
    others = models.ManyToManyField("self", symmetrical=False, related_name="+")

    objects = AliasManager()

    def natural_key(self):
        return (self.name,)


class Badge(Named):
    code = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = by("code")

    def natural_key(self):
        return (self.code,)


class PathManager(models.Manager):
    """Gets an object by its name, that of its parent, and so on."""

    def get_by_natural_key(self, name, *above):
        parent = None
        if above:
            model = self.model._meta.get_field("parent").remote_field.model
            manager = model._default_manager.db_manager(self.db)
            parent = manager.get_by_natural_key(*above)
        return self.get(name=name, parent=parent)


class Path(Named):
    name = models.CharField(max_length=20)

    objects = PathManager()

    class Meta(Named.Meta):
        abstract = True

    def natural_key(self):
        return (self.name, *(self.parent.natural_key() if self.parent else ()))


class Branch(Path):
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    others = models.ManyToManyField("self", symmetrical=False, related_name="+")


class Fork(Path):
    """Its parents are of the other model, whose parents are of this one."""

    class Tine(Path):
        parent = models.ForeignKey("testapp.Fork", models.CASCADE, null=True)

    parent = models.ForeignKey(Tine, models.CASCADE, null=True)


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


class LivingManager(models.Manager):
    """Hides some."""

    def get_queryset(self):
        return super().get_queryset().filter(is_dead=False)

    def get_by_natural_key(self, name):
        return self.get(name=name)


class Living(Named):
    name = models.CharField(max_length=20, unique=True)
    is_dead = models.BooleanField(default=False)
    of = models.ForeignKey("self", models.CASCADE, null=True)

    objects = LivingManager()

    def natural_key(self):
        return (self.name,)


class VersionManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name, is_current=True)


class LastManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.order_by("pk").filter(name=name)[:1].get()


class Version(Named):
    """Only the current one has its name alone."""

    name = models.CharField(max_length=20)
    is_current = models.BooleanField(default=False)
    of = models.ForeignKey("self", models.CASCADE, null=True)
    others = models.ManyToManyField("self", symmetrical=False, related_name="+")

    objects = VersionManager()

    def natural_key(self):
        return (self.name,)


class Knot(Named):
    """One that needs another."""

    name = models.CharField(max_length=20)
    of = models.ForeignKey("self", models.CASCADE)

    objects = LastManager()

    def natural_key(self):
        return (self.name,)


class LowField(models.CharField):
    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value and value.lower()


class Low(Named):
    """Its field makes one text of two."""

    name = LowField(max_length=20, unique=True)
    of = models.ForeignKey("self", models.CASCADE, null=True)

    objects = by("name")

    def natural_key(self):
        return (self.name,)


class Numbered(Named):
    number = models.IntegerField(unique=True)
    of = models.ForeignKey("self", models.CASCADE, null=True)
    others = models.ManyToManyField("self", symmetrical=False, related_name="+")

    objects = by("number")

    def natural_key(self):
        return (self.number,)


class Sign(Named):
    """Its natural key is its primary key."""

    code = models.CharField(max_length=20, primary_key=True)
    of = models.ForeignKey("self", models.CASCADE, null=True)

    objects = by("code")

    def natural_key(self):
        return (self.code,)


class Signed(Named):
    """Its proxy goes by another name."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=20, unique=True)

    objects = by("code")

    def natural_key(self):
        return (self.code,)


class ByName(Signed):
    objects = by("name")

    class Meta(Named.Meta):
        abstract = False
        proxy = True

    def natural_key(self):
        return (self.name,)


class Signer(Named):
    of = models.ForeignKey(ByName, models.CASCADE)
    others = models.ManyToManyField(ByName, related_name="+")


class LevelManager(models.Manager):
    """Needs parts that are no text."""

    def get_by_natural_key(self, number, is_high):
        text = "high" if is_high else "low"
        return self.get(name=f"{number:03d}", text=text)


class Level(Named):
    name = models.CharField(max_length=20)
    of = models.ForeignKey("self", models.CASCADE, null=True)
    others = models.ManyToManyField("self", symmetrical=False, related_name="+")

    objects = LevelManager()

    def natural_key(self):
        return (int(self.name), self.text == "high")
