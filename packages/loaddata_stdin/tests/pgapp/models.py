from __future__ import annotations

from dataclasses import dataclass

import django
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    DateTimeRangeField,
    HStoreField,
    RangeOperators,
)
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


@dataclass(frozen=True)
class Money:
    amount: int
    currency: str


class MoneyField(models.Field):
    """A field whose values are of a class of their own."""

    def db_type(self, connection):
        return "varchar(20)"

    def to_python(self, value):
        if not isinstance(value, str):
            return value
        amount, currency = value.split()
        return Money(int(amount), currency.upper())

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def get_prep_value(self, value):
        return value and f"{value.amount} {value.currency}"


class LoudField(models.CharField):
    """A field with SQL of its own around its values."""

    def get_placeholder_sql(self, value, compiler, connection):
        return "UPPER(%s)", (value,)

    if django.VERSION < (6, 1):

        def get_placeholder(self, value, compiler, connection):
            return "UPPER(%s)"


class TypedField(models.TextField):
    """Text in a column of any type."""

    def __init__(self, *args, type_name="text", **kwargs):
        self.type_name = type_name
        super().__init__(*args, **kwargs)

    def db_type(self, connection):
        return self.type_name


class Mood(models.TextChoices):
    GOOD = "good"
    BAD = "bad"


def bad_moods():
    return [Mood.BAD]


class Special(models.Model):
    """Fields that are not Django's own."""

    id = models.IntegerField(primary_key=True)
    money = MoneyField(null=True)
    loud = LoudField(max_length=9, default="x")
    mood = TypedField(type_name="mood", choices=Mood.choices, default=Mood.GOOD)
    moods = ArrayField(models.CharField(max_length=5), default=bad_moods)
    store = HStoreField(default=dict)
    citext = TypedField(type_name="citext", default="")
    moments = DateTimeRangeField(null=True)

    class Meta:
        app_label = "pgapp"
        managed = False

    def __str__(self):
        return self.loud


class OddManager(models.Manager):
    def get_by_natural_key(self, number):
        return self.get(number=number)


class Odd(models.Model):
    """Its table is in another schema, its columns have names of all kinds."""

    id = models.IntegerField(primary_key=True)
    mixed = models.IntegerField(db_column="Mixed Case", default=1)
    percent = models.IntegerField(db_column="50%s", null=True)
    select = models.TextField(default="")
    line = models.IntegerField(default=2)
    number = models.IntegerField(default=3, unique=True)  # Not so in its table
    other = models.ForeignKey("self", models.CASCADE, db_column="a%", null=True)

    objects = OddManager()

    class Meta:
        app_label = "pgapp"
        managed = False
        db_table = 'Else where"."Odd table'

    def __str__(self):
        return self.select

    def natural_key(self):
        return (self.number,)


class Plain(models.Model):
    """Two columns, on whatever is below."""

    id = models.IntegerField(primary_key=True)
    name = models.TextField(default="")

    class Meta:
        abstract = True
        app_label = "pgapp"
        managed = False

    def __str__(self):
        return self.name


class Hash(Plain):
    number = models.IntegerField(db_column="#number", default=4)


class View(Plain):
    pass


class Part(Plain):
    pass


class Unlogged(Plain):
    pass


class Swapped(Plain):
    pass


class Always(Plain):
    id = models.AutoField(primary_key=True)


class Slot(models.Model):
    """No two may have the same at the end of a transaction."""

    start = models.IntegerField()
    during = DateRangeField(null=True)

    class Meta:
        app_label = "pgapp"
        constraints = [
            models.UniqueConstraint(
                fields=["start"],
                name="slot_start_is_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            ExclusionConstraint(
                name="slots_do_not_overlap",
                expressions=[("during", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self):
        return str(self.start)


class NameManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Name(models.Model):
    """Its column takes two texts for one."""

    id = models.AutoField(primary_key=True)
    name = TypedField(type_name="citext", unique=True)
    of = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")

    objects = NameManager()

    class Meta:
        app_label = "pgapp"
        managed = False

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)


class Unaware(models.Model):
    """Its column does, too, but the field does not say so."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=20, unique=True)
    of = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")

    objects = NameManager()

    class Meta:
        app_label = "pgapp"
        managed = False

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.name,)
