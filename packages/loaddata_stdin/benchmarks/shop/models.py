"""Models for the benchmarks: plain columns, natural keys and many-to-many."""

from __future__ import annotations

from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    active = models.BooleanField()
    created = models.DateTimeField(auto_now_add=True)
    notes = models.TextField(blank=True)

    def __str__(self):
        return self.name


class NameManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Author(models.Model):
    name = models.CharField(max_length=100, unique=True)

    objects = NameManager()

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Book(models.Model):
    title = models.CharField(max_length=100)
    isbn = models.CharField(max_length=13, unique=True)
    author = models.ForeignKey(Author, models.CASCADE)

    def __str__(self):
        return self.title


class Tag(models.Model):
    name = models.CharField(max_length=30, unique=True)

    objects = NameManager()

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Post(models.Model):
    title = models.CharField(max_length=100)
    tags = models.ManyToManyField(Tag)

    def __str__(self):
        return self.title


class Node(models.Model):
    name = models.CharField(max_length=30, unique=True)
    next = models.ForeignKey("self", models.CASCADE)

    objects = NameManager()

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)
