"""Signals of a deploy."""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["deploy_failed"]

#: Sent once by the process whose step failed, with `step` and `error`. What a receiver
#: raises does not change how the deploy ends.
deploy_failed = Signal()
