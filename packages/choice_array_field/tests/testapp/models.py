# ruff: noqa: DJ008  # no model is shown
from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from choice_array_field import ChoiceArrayField


class Flag(models.TextChoices):
    DEFECT = "defect", "Defect"
    ENHANCEMENT = "enhancement", "Enhancement"
    DOCS = "docs", _("Documentation")

    __empty__ = "(none)"


class Size(models.IntegerChoices):
    LARGE = 10, "Large"
    SMALL = 9, "Small"


class Price(Decimal, models.Choices):
    LOW = "1.5", "Low"
    HIGH = "20", "High"


class Landing(datetime.date, models.Choices):
    APOLLO_17 = 1972, 12, 10, "Apollo 17"
    APOLLO_11 = 1969, 7, 20, "Apollo 11"


class Answer(models.Choices):
    YES = True
    NO = False


class Item(models.Model):
    name = models.CharField(max_length=20, blank=True)
    flags = ChoiceArrayField(Flag, default=list, blank=True)

    class Meta:
        indexes = [GinIndex(fields=["flags"], name="testapp_flags_gin")]

    def __str__(self):
        return self.get_flags_display()


class Optional(models.Model):
    flags = ChoiceArrayField(Flag, null=True, blank=True)


class Numbered(models.Model):
    flags = ChoiceArrayField(Flag, min_choices=1, max_choices=2)
    sizes = ChoiceArrayField(
        Size, min_choices=2, blank=True, default=(Size.SMALL, Size.LARGE)
    )


class Loose(models.Model):
    """No CHECK, so a row may hold what is no choice any more."""

    name = models.CharField(max_length=20, blank=True)
    flags = ChoiceArrayField(Flag, enforce=False, blank=True, default=list)
    sizes = ChoiceArrayField(Size, enforce=False, blank=True, default=list)


def current_choices():
    return [("a", "A"), ("b", "B")]


MELBOURNE = datetime.timezone(datetime.timedelta(hours=10))


def of(base_class, choices, **options):
    return ChoiceArrayField(
        base_class(choices=choices, **options), default=list, blank=True
    )


class Kinds(models.Model):
    """A field of each type that can have choices."""

    char = of(models.CharField, [("b", "B"), ("a, ä", "A"), ('"', "Q")], max_length=9)
    text = of(models.TextField, {"x": "X", "%s": "Percent", "{}": "Braces"})
    slug = of(models.SlugField, {"Group": [("s-1", "One"), ("s-0", "Zero")]})
    integer = of(models.IntegerField, [(10, "Ten"), (9, "Nine"), (0, "Zero")])
    small = of(models.SmallIntegerField, [(2, "Two"), (-1, "Minus")])
    big = of(models.BigIntegerField, [(2**40, "Big"), (1, "One")])
    positive = of(models.PositiveIntegerField, [("2", "Two"), ("1", "One")])
    positive_small = of(models.PositiveSmallIntegerField, [(2, "Two"), (1, "One")])
    positive_big = of(models.PositiveBigIntegerField, [(2, "Two"), (1, "One")])
    decimal = of(
        models.DecimalField,
        [(Decimal("1.5"), "Low"), ("0.25", "Lower")],
        max_digits=5,
        decimal_places=2,
    )
    real = of(models.FloatField, [(0.1, "Tenth"), (-2.5e-10, "Tiny")])
    date = of(models.DateField, [(datetime.date(2026, 2, 1), "B"), ("2026-01-01", "A")])
    moment = of(
        models.DateTimeField,
        [
            (datetime.datetime(2026, 7, 1, 9, 30, tzinfo=MELBOURNE), "Melbourne"),
            (datetime.datetime(2026, 1, 1, 0, 0, 0, 5), "Naive, so here"),
        ],
    )
    time = of(
        models.TimeField,
        [(datetime.time(9, 30, 0, 123456), "Late"), (datetime.time(0), "Midnight")],
    )
    key = of(models.UUIDField, [(uuid.UUID(int=2), "Two"), (str(uuid.UUID(int=1)), "")])
    boolean = of(models.BooleanField, [(True, "Yes"), (False, "No")])
    address = of(
        models.GenericIPAddressField, [("2001:0DB8::0001", "Six"), ("10.0.0.1", "Four")]
    )
    flag = ChoiceArrayField(Flag, default=list, blank=True)
    size = ChoiceArrayField(Size, default=list, blank=True)
    price = ChoiceArrayField(Price, default=list, blank=True)
    landing = ChoiceArrayField(Landing, default=list, blank=True)
    answer = ChoiceArrayField(Answer, default=list, blank=True)
    called = ChoiceArrayField(
        models.CharField(choices=current_choices),
        enforce=False,
        default=list,
        blank=True,
    )


class Base(models.Model):
    flags = ChoiceArrayField(Flag, default=list, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(flags__contains=["defect", "docs"]),
                name="%(class)s_no_defect_in_docs",
            )
        ]


class Concrete(Base):
    pass


class Child(Concrete):
    sizes = ChoiceArrayField(Size, default=list, blank=True)

    class Meta:
        verbose_name = "child with a Meta of its own, or it would inherit Base's"


class Proxy(Child):
    class Meta:
        proxy = True


class Quoted(models.Model):
    flags = ChoiceArrayField(Flag, default=list, blank=True, db_column="Flag of it's")

    class Meta:
        db_table = '"a quoted table"'


class Defaulted(models.Model):
    flags = ChoiceArrayField(Flag, db_default=[Flag.DOCS, Flag.DEFECT])
