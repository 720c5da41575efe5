from __future__ import annotations

from django.db import models


class Note(models.Model):
    """What a step or migration did: no constraint hides that it was done twice."""

    text = models.CharField(max_length=50)
    size = models.IntegerField(null=True)
    weight = models.IntegerField(null=True)

    class Meta:
        app_label = "shop"
        indexes = [models.Index(fields=["size"], name="note_size")]

    def __str__(self):
        return self.text
