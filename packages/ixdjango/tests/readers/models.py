from __future__ import annotations

from django.db import models

from tests.library.models import Book


class Loan(models.Model):
    book = models.ForeignKey(Book, models.SET_NULL, null=True)

    def __str__(self):
        return str(self.book)


class Wish(models.Model):
    """Refers to a book without a constraint: it may stay."""

    book = models.ForeignKey(Book, models.DO_NOTHING, db_constraint=False)

    def __str__(self):
        return str(self.book)
