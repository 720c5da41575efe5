"""manage.py fetch_jobs: what a partner's job feed lists."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser

import ca_bundle

__all__ = ["Command"]

TIMEOUT_S = 10
TOKEN_VARIABLE = "PARTNER_FEED_TOKEN"  # noqa: S105 - its name


class Command(BaseCommand):
    """Reads a feed such as /jobs/feed/ from another site, over a verified connection."""

    help = (
        "List the open jobs of a partner, from its feed. The token comes from the"
        f" environment ({TOKEN_VARIABLE})."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address of the feed."""
        parser.add_argument("url", help="such as https://jobs.example.com/jobs/feed/")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        """Print a line for each job."""
        for job in _fetch(url):
            line = "{title}, {location}, until {end_date}: {url}"
            self.stdout.write(line.format_map(job))


def _fetch(url: str) -> list[dict[str, Any]]:
    token = os.environ.get(TOKEN_VARIABLE, "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with ca_bundle.Session() as session:
            answer = session.get(url, headers=headers, timeout=TIMEOUT_S)
            answer.raise_for_status()
            jobs: list[dict[str, Any]] = answer.json()["jobs"]
    except requests.exceptions.SSLError as error:
        message = (
            f"{url}: the TLS connection cannot be verified;"
            f" manage.py ca_bundle doctor {urlsplit(url).netloc} says why"
        )
        raise CommandError(message) from error
    except (requests.RequestException, KeyError, TypeError) as error:
        message = f"{url}: {type(error).__name__}: {error}"
        raise CommandError(message) from error
    return jobs
