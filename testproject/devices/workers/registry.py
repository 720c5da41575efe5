"""Who is connected to which worker: rows in PostgreSQL, which every worker sees.

A worker says that it lives, several times within a heartbeat. If it stops, another
worker sets its devices free, so presence is right within one heartbeat, whatever
killed it. A restarted Redis changes nothing here.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from devices.models import Device, Reading, Token, Worker
from devices.wire.frames import Scalar
from devices.wire.limits import CloseCode, Refusal
from devices.wire.tokens import digest_token

__all__ = [
    "BEAT_S",
    "HEARTBEAT_S",
    "Beat",
    "Identity",
    "Row",
    "authenticate",
    "beat",
    "claim",
    "leave",
    "release",
    "save_answers",
    "save_readings",
    "snapshot",
]

HEARTBEAT_S = 5.0
BEAT_S = HEARTBEAT_S / 4
HISTORY_READINGS = 120
DEVICES_SHOWN = 50
_SILENCE = datetime.timedelta(seconds=HEARTBEAT_S / 2)

Row = tuple[int, str, datetime.datetime, dict[str, float]]  # pk, slug, at, values


@dataclass(frozen=True)
class Identity:
    """Whom a token belongs to, and the connection that showed it."""

    pk: int
    slug: str
    site: str
    token: int
    connection: str


@dataclass
class Beat:
    """What a worker learns when it says that it lives."""

    # Slugs of the devices that are online anywhere.
    online: list[str]
    # Our connections that have to go, with the reason.
    refusals: dict[str, Refusal]


def authenticate(token: str) -> Identity:
    """Return the device of a token.

    Raises:
        Refusal: there is no such token, it has expired, or it was revoked.
    """
    found = (
        Token.objects.filter(digest=digest_token(token))
        .annotate(is_expired=Q(expires_at__isnull=False, expires_at__lte=Now()))
        .select_related("device")
        .first()
    )
    if found is None:
        raise Refusal(CloseCode.UNKNOWN_TOKEN, "an unknown token")
    device = found.device
    if found.revoked_at:
        raise Refusal(CloseCode.REVOKED_TOKEN, f"a revoked token of {device.slug}")
    if found.is_expired:
        raise Refusal(CloseCode.EXPIRED_TOKEN, f"an expired token of {device.slug}")
    return Identity(device.pk, device.slug, device.site, found.pk, uuid.uuid4().hex)


def claim(identity: Identity, worker: str) -> str:
    """Make the connection the one that counts; return the one before it, or ""."""
    with transaction.atomic():
        devices = Device.objects.select_for_update().filter(pk=identity.pk)
        previous = devices.values_list("connection", flat=True).first() or ""
        devices.update(
            connection=identity.connection, worker=worker, shown_token=identity.token
        )
    return previous


def release(identity: Identity) -> bool:
    """Set the device free; return False if another connection already counts."""
    ours = Device.objects.filter(pk=identity.pk, connection=identity.connection)
    return bool(ours.update(connection="", worker="", shown_token=None))


def beat(worker: str, sessions: Mapping[str, Identity]) -> Beat:
    """Say that the worker lives, and set free what dead workers hold.

    Args:
        worker: our name.
        sessions: our sessions by their connection.
    """
    Worker.objects.update_or_create(name=worker, defaults={"seen_at": Now()})
    Worker.objects.filter(seen_at__lt=Now() - _SILENCE).delete()
    Device.objects.exclude(connection="").exclude(
        worker__in=Worker.objects.values("name")
    ).update(connection="", worker="", shown_token=None)
    refusals = {}
    found = {
        device.connection: device
        for device in Device.objects.filter(worker=worker).select_related("shown_token")
    }
    now = datetime.datetime.now(datetime.timezone.utc)
    for connection, identity in sessions.items():
        device = found.get(connection)
        # Another worker may have taken us for dead, while this one was stopped.
        if device is None and not _reclaim(identity, worker):
            refusals[connection] = Refusal(CloseCode.REPLACED, "a newer connection")
        elif device is not None and (refusal := _token_refusal(device, now)):
            refusals[connection] = refusal
    online = Device.objects.exclude(connection="").values_list("slug", flat=True)
    return Beat(list(online), refusals)


def leave(worker: str) -> None:
    """Set free what the worker holds, and forget the worker."""
    Device.objects.filter(worker=worker).update(
        connection="", worker="", shown_token=None
    )
    Worker.objects.filter(name=worker).delete()


def save_readings(rows: list[Row]) -> None:
    """Store a batch in one transaction; rows of devices that are gone are dropped."""
    readings = [
        Reading(device_id=pk, at=at, values=values) for pk, _, at, values in rows
    ]
    try:
        with transaction.atomic():
            Reading.objects.bulk_create(readings)
    except IntegrityError:
        known = set(
            Device.objects.filter(pk__in={row[0] for row in rows}).values_list(
                "pk", flat=True
            )
        )
        Reading.objects.bulk_create(
            [reading for reading in readings if reading.device_id in known]
        )


def save_answers(identity: Identity, answers: Mapping[str, Scalar]) -> dict[str, Any]:
    """Keep what a device answered; return its whole state."""
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(pk=identity.pk).first()
        if device is None:
            return dict(answers)
        device.state = dict([*device.state.items(), *answers.items()][-32:])
        device.save(update_fields=["state"])
    return dict(device.state)


def snapshot() -> list[dict[str, Any]]:
    """Return the devices and their latest readings, for a dashboard."""
    return [
        {
            "slug": device.slug,
            "online": device.is_online,
            "state": device.state,
            "readings": [
                [at.timestamp(), values]
                for at, values in reversed(
                    list(device.readings.values_list("at", "values")[:HISTORY_READINGS])
                )
            ],
        }
        for device in Device.objects.all()[:DEVICES_SHOWN]
    ]


def _reclaim(identity: Identity, worker: str) -> bool:
    if not Token.objects.filter(pk=identity.token, revoked_at=None).exists():
        return False
    free = Device.objects.filter(pk=identity.pk, connection="")
    return bool(
        free.update(
            connection=identity.connection, worker=worker, shown_token=identity.token
        )
    )


def _token_refusal(device: Device, now: datetime.datetime) -> Refusal | None:
    token = device.shown_token
    if token is None or token.revoked_at:
        return Refusal(CloseCode.REVOKED_TOKEN, "its token was revoked")
    if token.expires_at and token.expires_at <= now:
        return Refusal(CloseCode.EXPIRED_TOKEN, "its token has expired")
    return None
