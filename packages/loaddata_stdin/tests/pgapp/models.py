from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower


class Box(models.Model):
    """Columns that only PostgreSQL has."""

    numbers = ArrayField(models.IntegerField(), default=list)
    words = ArrayField(ArrayField(models.CharField(max_length=20)), null=True)
    during = DateRangeField(null=True)
    word = models.CharField(max_length=9, db_default=Lower(Value("WORD")))
    size = models.IntegerField(db_default=5)
    doubled = models.GeneratedField(
        expression=models.F("size") * 2,
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        app_label = "pgapp"

    def __str__(self):
        return self.word
