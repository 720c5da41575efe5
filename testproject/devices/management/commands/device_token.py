"""manage.py device_token: let a device in, or keep it out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from devices.models import Device
from devices.workers.pushing import PushError, disconnect
from devices.workers.registry import HEARTBEAT_S

__all__ = ["Command"]


class Command(BaseCommand):
    """Prints a new token, the only time that anybody sees it."""

    help = "Prints a new token of a device; the database keeps only its digest."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the device, and what to do."""
        parser.add_argument("device", help="the slug of the device, such as shed")
        parser.add_argument("--create", metavar="NAME", help="create the device first")
        parser.add_argument("--site", help="with --create: where it stands, a slug")
        parser.add_argument("--days", type=int, help="valid for so many days")
        parser.add_argument(
            "--revoke",
            action="store_true",
            help="revoke its tokens instead, and disconnect it",
        )

    def handle(self, *args: Any, device: str, **options: Any) -> None:
        """Print a token, or revoke.

        Raises:
            CommandError: there is no such device, or there is one already.
        """
        days = options["days"]
        if days is not None and not 1 <= days <= 36500:
            message = f"--days {days}: give a number from 1 to 36500."
            raise CommandError(message)
        if options["site"] and not options["create"]:
            message = "--site goes with --create."
            raise CommandError(message)
        with transaction.atomic():
            found = self._find(device, options)
            if not options["revoke"]:
                token = found.issue_token(days)
                self.stdout.write(token)
                return
            count = found.revoke_tokens()
        self.stdout.write(f"{count} token{'' if count == 1 else 's'} revoked.")
        try:
            disconnect(found)
        except PushError:
            self.stderr.write(
                f"Without REDIS_URL the server notices within {HEARTBEAT_S:.0f} s."
            )

    def _find(self, slug: str, options: dict[str, Any]) -> Device:
        found = Device.objects.filter(slug=slug).first()
        if not options["create"]:
            if found is None:
                message = f"no device is called {slug!r}; add --create 'Its name'."
                raise CommandError(message)
            return found
        if found:
            message = f"there is a device {slug!r} already; leave --create out."
            raise CommandError(message)
        device = Device(slug=slug, name=options["create"], site=options["site"] or "")
        try:
            device.full_clean()
        except ValidationError as error:
            field, (text, *_) = next(iter(error.message_dict.items()))
            message = f"{field}: {text}"
            raise CommandError(message) from error
        device.save()
        return device
