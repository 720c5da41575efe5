from __future__ import annotations

import uuid

from django.db import models


class AuthorManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Author(models.Model):
    name = models.CharField(max_length=100, unique=True)

    objects = AuthorManager()

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, models.CASCADE, null=True)
    published = models.DateField(null=True)
    price = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    token = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.title


class Everything(models.Model):
    """One field of each kind."""

    binary = models.BinaryField()
    big = models.BigIntegerField()
    boolean = models.BooleanField(null=True)
    char = models.CharField(max_length=100, null=True)  # noqa: DJ001  # Null is a value.
    date = models.DateField(null=True)
    datetime = models.DateTimeField(null=True)
    decimal = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    duration = models.DurationField(null=True)
    file = models.FileField(null=True)
    floating = models.FloatField(null=True)
    ip = models.GenericIPAddressField(null=True)
    json = models.JSONField(null=True)
    text = models.TextField()
    time = models.TimeField(null=True)
    uuid = models.UUIDField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    author = models.ForeignKey(Author, models.CASCADE, null=True)
    friends = models.ManyToManyField("self")
    authors = models.ManyToManyField(Author, related_name="+")

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.text


class Seat(models.Model):
    pk = models.CompositePrimaryKey("row", "number")
    row = models.CharField(max_length=10)
    number = models.IntegerField()

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return f"{self.row}{self.number}"


class Item(models.Model):
    """A column of every kind."""

    text = models.TextField(default="plain")
    slug = models.SlugField(blank=True)
    url = models.URLField(blank=True)
    whole = models.IntegerField(null=True)
    big = models.BigIntegerField(default=7)
    flag = models.BooleanField(default=True)
    ratio = models.FloatField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    day = models.DateField(null=True)
    hour = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    made = models.DateTimeField(auto_now_add=True, null=True)
    changed = models.DateTimeField(auto_now=True, null=True)
    took = models.DurationField(null=True)
    code = models.UUIDField(default=uuid.uuid4)
    raw = models.BinaryField(null=True)
    data = models.JSONField(default=dict, null=True)
    address = models.GenericIPAddressField(null=True)
    file = models.FileField(null=True)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.text


class TagManager(models.Manager):
    def get_by_natural_key(self, kind, name):
        return self.get(kind=kind, name=name)


class Tag(models.Model):
    kind = models.IntegerField()
    name = models.CharField(max_length=30)

    objects = TagManager()

    class Meta:
        app_label = "testapp"
        ordering = ["pk"]  # So that a dump lists them in one order
        unique_together = [("kind", "name")]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.kind, self.name)


class Post(models.Model):
    title = models.CharField(max_length=30)
    author = models.ForeignKey(Author, models.CASCADE)
    tags = models.ManyToManyField(Tag)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.title


class NodeManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Node(models.Model):
    """Refers to its own kind, always."""

    name = models.CharField(max_length=30, unique=True)
    next = models.ForeignKey("self", models.CASCADE)

    objects = NodeManager()

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Place(models.Model):
    name = models.CharField(max_length=30)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.name


class Cafe(Place):
    seats = models.IntegerField(default=4)

    class Meta:
        app_label = "testapp"


class Key(models.Model):
    """Its primary key is no number."""

    code = models.CharField(max_length=10, primary_key=True)
    of = models.OneToOneField(Author, models.CASCADE, null=True, to_field="name")

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.code


class Cell(models.Model):
    """Its primary key has two columns."""

    pk = models.CompositePrimaryKey("row", "column")
    row = models.IntegerField()
    column = models.IntegerField()
    value = models.CharField(max_length=10, default="-")

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return self.value


class Remark(models.Model):
    """Keeps what it is about from being deleted."""

    about = models.ForeignKey(Author, models.PROTECT)

    class Meta:
        app_label = "testapp"

    def __str__(self):
        return str(self.pk)


class Stock(models.Model):
    """What its columns may hold is checked by the database."""

    name = models.CharField(max_length=30)
    count = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        app_label = "testapp"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0),
                name="stock_has_a_price",
                violation_error_message="A price is never negative.",
            )
        ]

    def __str__(self):
        return self.name


# They refer to those above; Django looks for models here.
from .made import *  # noqa: E402, F403
from .named import *  # noqa: E402, F403
from .odd import *  # noqa: E402, F403
