from __future__ import annotations

from django.db import models

from choice_array_field import ChoiceArrayField


class Flag(models.TextChoices):
    DEFECT = "defect", "Defect"
    ENHANCEMENT = "enhancement", "Enhancement"
    DOCS = "docs", "Documentation"


class Item(models.Model):
    flags = ChoiceArrayField(Flag, default=list, blank=True)

    def __str__(self):
        return self.get_flags_display()
