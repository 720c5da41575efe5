"""What comes with a job."""

from __future__ import annotations

from django.db import models

__all__ = ["JobFlag"]


class JobFlag(models.TextChoices):
    """What many ask first."""

    PAID = "paid", "Paid"
    TRAINING = "training", "Training given"
    OUTDOORS = "outdoors", "Outdoors"
    OFF_HOURS = "off_hours", "Evenings or weekends"
    STEP_FREE = "step_free", "Step-free access"
