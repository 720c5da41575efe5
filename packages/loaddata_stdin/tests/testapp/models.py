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
