from __future__ import annotations

from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Shelf(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=20)
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    tags = models.ManyToManyField(Tag)

    class Meta:
        db_table = "Books of the library"

    def __str__(self):
        return self.title


class Atlas(Book):
    scale = models.IntegerField()


class BookProxy(Book):
    class Meta:
        proxy = True


class Elsewhere(models.Model):
    class Meta:
        managed = False

    def __str__(self):
        return "elsewhere"
