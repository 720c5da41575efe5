"""Devices, the tokens that they show, what they measured and who holds them."""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone

from devices.wire.tokens import digest_token, make_token

__all__ = ["Device", "Reading", "Token", "Worker"]


class Device(models.Model):
    """Something in the field that talks to us."""

    slug = models.SlugField(unique=True, help_text="Its name in addresses and logs.")
    name = models.CharField(max_length=80)
    site = models.SlugField(
        blank=True, help_text="Where it stands: a push can reach a whole site."
    )
    # What it last answered, by event: {"led": 1}.
    state = models.JSONField(default=dict, blank=True, editable=False)
    # The connection that counts, and the worker that holds it; empty if it is offline.
    connection = models.CharField(max_length=32, blank=True, editable=False)
    worker = models.CharField(max_length=32, blank=True, editable=False, db_index=True)
    # The token that the connection showed.
    shown_token = models.ForeignKey(
        "devices.Token",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def issue_token(self, days: int | None = None) -> str:
        """Store the digest of a new token and return the token, for the only time.

        Args:
            days: how long it is valid; None for ever.
        """
        token = make_token()
        expires_at = timezone.now() + datetime.timedelta(days=days) if days else None
        self.tokens.create(digest=digest_token(token), expires_at=expires_at)
        return token

    def revoke_tokens(self) -> int:
        """Revoke every token; return how many were valid."""
        return self.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())

    @property
    def is_online(self) -> bool:
        """Return whether a worker holds a connection of it."""
        return bool(self.connection)


class Token(models.Model):
    """What a device shows to be let in. We know its digest only."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"token {self.pk} of {self.device}"


class Reading(models.Model):
    """What a device measured at one moment: {"volts": 3.1}."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="readings")
    at = models.DateTimeField(default=timezone.now)
    values = models.JSONField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["device", "-at"], name="reading_latest")]

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.values.items())


class Worker(models.Model):
    """A server process, as long as it keeps saying that it lives."""

    name = models.CharField(max_length=32, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
