"""System checks of the setting CA_BUNDLES: they need Requests, not cryptography.

ca_bundle.E001  the setting or one of its hosts is not written as it must be
ca_bundle.E002  a bundle cannot be read, is damaged, or holds no certificate
ca_bundle.E003  a bundle holds a certificate that is not of a CA
ca_bundle.E004  a certificate of a bundle has expired
ca_bundle.W001  a certificate of a bundle expires within 30 days
ca_bundle.W002  a bundle holds no root, so that Python up to 3.12 refuses it
ca_bundle.W003  certifi has changed since a bundle was built
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from ca_bundle.exceptions import BundleFileError, HostNameError
from ca_bundle.use.bundles import Bundle, certifi_digest, read_bundle
from ca_bundle.use.hosts import parse_host

__all__ = ["check_bundles"]

DAY_S = 24 * 60 * 60
WARN_DAYS = 30
EXAMPLE = 'Write CA_BUNDLES = {"api.example.com": BASE_DIR / "api.example.com.pem"}.'


def check_bundles(**kwargs: Any) -> list[CheckMessage]:  # Any: Django's protocol
    """Return a message for each problem of the setting and its bundles."""
    bundles = getattr(settings, "CA_BUNDLES", {})
    if not isinstance(bundles, Mapping):
        message = f"CA_BUNDLES is not a mapping but {type(bundles).__name__}."
        return [Error(message, hint=EXAMPLE, id="ca_bundle.E001")]
    return [
        message
        for host, path in bundles.items()
        for message in _check_entry(host, path, time.time())
    ]


def _check_entry(host: Any, path: Any, now: float) -> Iterator[CheckMessage]:
    if not isinstance(host, str) or not isinstance(path, (str, os.PathLike)):
        message = f"CA_BUNDLES: {host!r}: {path!r} is not a host and a path."
        yield Error(message, hint=EXAMPLE, id="ca_bundle.E001")
        return
    try:
        parse_host(host)
        bundle = read_bundle(path)
    except HostNameError as error:
        yield Error(f"CA_BUNDLES: {error}.", hint=EXAMPLE, id="ca_bundle.E001")
    except BundleFileError as error:
        hint = f"Run manage.py ca_bundle build --host {host} --out {path}"
        yield Error(f"CA_BUNDLES[{host!r}]: {error}.", hint=hint, id="ca_bundle.E002")
    else:
        yield from _check_members(host, bundle, now)


def _check_members(host: str, bundle: Bundle, now: float) -> Iterator[CheckMessage]:
    place = f"CA_BUNDLES[{host!r}]: {bundle.path}"
    rebuild = f"Run manage.py ca_bundle build --host {host}"
    if bundle.other_count:
        message = (
            f"{place} holds {bundle.other_count} certificate(s) that are not of a CA."
        )
        hint = f"Remove them: under Python 3.13 they would be trusted. {rebuild}"
        yield Error(message, hint=hint, id="ca_bundle.E003")
    for authority in bundle.authorities:
        days = (ssl.cert_time_to_seconds(authority["notAfter"]) - now) / DAY_S
        name, end = _name_of(authority), authority["notAfter"]
        if days < 0:
            message = f"{place}: {name} expired on {end}."
            yield Error(message, hint=rebuild, id="ca_bundle.E004")
        elif days < WARN_DAYS:
            message = f"{place}: {name} expires in {days:.0f} days, on {end}."
            yield Warning(message, hint=rebuild, id="ca_bundle.W001")
    if all(item["subject"] != item["issuer"] for item in bundle.authorities):
        message = f"{place} holds no root: Python up to 3.12 refuses it."
        yield Warning(message, hint=rebuild, id="ca_bundle.W002")
    if bundle.certifi_sha256 and bundle.certifi_sha256 != certifi_digest():
        message = f"{place} was built from another version of certifi."
        yield Warning(message, hint=rebuild, id="ca_bundle.W003")


def _name_of(authority: Mapping[str, Any]) -> str:
    parts = dict(pair for group in authority["subject"] for pair in group)
    return str(parts.get("commonName") or parts.get("organizationName") or parts)
