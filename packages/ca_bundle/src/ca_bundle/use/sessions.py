"""Requests with a bundle for some hosts, and Requests' own verification for the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ca_bundle.exceptions import VerificationDisabledError
from ca_bundle.use.contexts import cached_context
from ca_bundle.use.hosts import find_for_url, parse_host

__all__ = ["BundleAdapter", "Session", "configured_bundles"]

# What Requests hands to urllib3 to add to the trust of a context.
TRUST_KEYS = ("ca_certs", "ca_cert_dir", "ca_cert_data")


class BundleAdapter(HTTPAdapter):
    """An HTTPAdapter that verifies the named hosts with their bundles alone.

    The host and port of each request choose the bundle: mount it at "https://". For the
    named hosts `verify=PATH`, `Session.verify` and REQUESTS_CA_BUNDLE have no effect and
    `verify=False` is refused; all other hosts are verified as Requests does.

    Args:
        bundles: file by host (`HOST`, any port, or `HOST:PORT`).
        args, kwargs: as for HTTPAdapter (`max_retries`, `pool_maxsize`, ...).

    Raises:
        HostNameError: a key is not a host.
    """

    __attrs__ = [*HTTPAdapter.__attrs__, "_bundles"]

    def __init__(
        self, bundles: Mapping[str, str | os.PathLike[str]], *args: Any, **kwargs: Any
    ) -> None:
        self._bundles = {parse_host(h): Path(file) for h, file in bundles.items()}
        super().__init__(*args, **kwargs)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send the request, unless it asks a host that has a bundle for no verification."""
        if not verify and (bundle := self._find_bundle(request.url)):
            message = (
                f"verify=False for {request.url}, which is verified with {bundle};"
                " leave verify out, or use a plain requests.Session"
            )
            raise VerificationDisabledError(message, request=request)
        return super().send(request, stream, timeout, verify, cert, proxies)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the pool of a host that has a bundle the context of that bundle."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if bundle := self._find_bundle(request.url):
            for key in TRUST_KEYS:
                pool.pop(key, None)
            client = repr(cert) if cert else None
            pool |= {
                "cert_reqs": "CERT_REQUIRED",
                "ssl_context": cached_context(bundle, client),
            }
        return host, pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Keep certifi's certificates out of the context of a bundle.

        urllib3 loads `ca_certs` into whatever context it is given (2.8 does), which
        would make every public CA an anchor again.
        """
        if not self._find_bundle(url):
            super().cert_verify(conn, url, verify, cert)
            return
        super().cert_verify(conn, url, True, cert)
        for key in TRUST_KEYS:
            setattr(conn, key, None)

    def _find_bundle(self, url: str | None) -> Path | None:
        return find_for_url(self._bundles, url or "")


class Session(requests.Session):
    """A requests.Session that verifies some hosts with a bundle of their own.

    Args:
        bundles: file by host; None stands for Django's setting CA_BUNDLES.

    Example:
        >>> session = Session({"api.example.com": "api.example.com.pem"})
        >>> session.get("https://api.example.com/jobs/")
    """

    def __init__(
        self, bundles: Mapping[str, str | os.PathLike[str]] | None = None
    ) -> None:
        super().__init__()
        chosen = configured_bundles() if bundles is None else bundles
        self.mount("https://", BundleAdapter(chosen))


def configured_bundles() -> dict[str, str | os.PathLike[str]]:
    """Return Django's setting CA_BUNDLES, file by host; empty if it is not set."""
    from django.conf import settings  # an extra, needed by this function alone

    return dict(getattr(settings, "CA_BUNDLES", {}))
