from __future__ import annotations

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
