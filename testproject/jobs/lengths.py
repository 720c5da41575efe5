"""How long a job's term is, in the steps that the job list offers."""

from __future__ import annotations

from django.db import models

__all__ = ["JobLength"]


class JobLength(models.TextChoices):
    """Completed months of a term; the value holds the first and the last of a step."""

    WEEKS = "0-2", "Less than 3 months"
    SEASON = "3-5", "3 to 5 months"
    HALF_YEAR = "6-11", "6 to 11 months"
    YEAR = "12-", "A year or more"

    @property
    def months(self) -> tuple[int, int | None]:
        """Return the first and the last month; None is no end."""
        first, _, last = self.value.partition("-")
        return int(first), int(last) if last else None

    def holds(self, duration: int | None) -> bool:
        """Tell whether a term of `duration` months is in this step."""
        first, last = self.months
        return (
            duration is not None
            and first <= duration
            and (last is None or duration <= last)
        )
