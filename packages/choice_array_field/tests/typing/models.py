from __future__ import annotations

from decimal import Decimal

from django.db import models

from choice_array_field import ChoiceArrayField


class Flag(models.TextChoices):
    DEFECT = "defect", "Defect"
    DOCS = "docs", "Documentation"


class Size(models.IntegerChoices):
    SMALL = 1, "Small"


class Price(Decimal, models.Choices):
    LOW = "1.5", "Low"


class Item(models.Model):
    flags = ChoiceArrayField(Flag, default=list, blank=True)
    perhaps = ChoiceArrayField(Flag, null=True, blank=True)
    sizes = ChoiceArrayField(Size, min_choices=1)
    prices = ChoiceArrayField(Price, default=[Price.LOW])
    words = ChoiceArrayField(models.CharField(max_length=9, choices=Flag.choices))
    numbers = ChoiceArrayField(
        models.IntegerField(choices=Size.choices), null=True, enforce=False
    )

    def __str__(self) -> str:
        return self.get_flags_display()
