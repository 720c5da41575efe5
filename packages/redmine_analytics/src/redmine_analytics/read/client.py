"""Requests to Redmine's REST service: the key in a header, retries, strict answers."""

from __future__ import annotations

import json
import re
import ssl
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.util import Retry

from redmine_analytics.exceptions import (
    KeyRefusedError,
    NotRedmineError,
    SourceError,
    UnreachableError,
)

__all__ = ["Answer", "Client", "Key", "Parameters", "Payload"]

Payload = dict[str, Any]  # an object of Redmine's JSON
Parameters = Mapping[str, str | int]  # of a query

RETRIED_STATUSES = (429, 500, 502, 503, 504)
MAX_RETRY_AFTER_S = 120
_HEADER = "X-Redmine-API-Key"
_ABSENT = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class Key(str):
    """An API key that no repr shows, so no traceback with local variables does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True)
class Answer:
    """An answer of Redmine.

    Args:
        status: 200, or 403 and 404 if the request allows them.
        payload: the JSON object; empty if the status is not 200.
        server_time: of the header `Date`, which Puma without a proxy does not send.
    """

    status: int
    payload: Payload
    server_time: datetime | None


class _PoliteRetry(Retry):
    """Wait as long as `Retry-After` says, but fail if that is too long to wait."""

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        seconds = super().get_retry_after(response)
        if seconds is not None and seconds > MAX_RETRY_AFTER_S:
            message = (
                f"The server answers {response.status} and asks to wait {seconds:.0f} s;"
                " run the same command again then: the issues read so far are kept."
            )
            raise UnreachableError(message)
        return seconds


class Client:
    """Gets JSON from one Redmine; safe to use from several threads.

    Args:
        url: the address of Redmine, with its path if it has one.
        key: the API key of a user ("My account" in Redmine).
        concurrency: how many requests may run at the same time.
        timeout_s: for a connection and for each read.
        retries: after a dropped connection, or an answer such as 429 or 503.
        backoff_s: the first pause before a retry; each later one is twice as long.
        ca_file: the authorities to trust, if not those of the system.

    Raises:
        SourceError: the address is not http or https, or carries a secret; concurrency
            is below 1.
    """

    url: str = ""  # for the repr of an object whose address was refused

    def __init__(
        self,
        url: str,
        key: str,
        *,
        concurrency: int = 8,
        timeout_s: float = 30,
        retries: int = 5,
        backoff_s: float = 0.5,
        ca_file: str | None = None,
    ) -> None:
        self.url = _checked_url(url)
        self._key = _checked_key(key)
        if concurrency < 1:  # a pool without a connection would wait for ever
            message = f"concurrency {concurrency}: give 1 or more."
            raise SourceError(message)
        self.concurrency = concurrency
        self.requests: Counter[str] = Counter()
        self._lock = Lock()
        retry = _PoliteRetry(
            total=retries,
            status_forcelist=RETRIED_STATUSES,
            backoff_factor=backoff_s,
            raise_on_status=False,
            redirect=False,
        )
        self._pool = _pool(
            self.url,
            ca_file,
            maxsize=concurrency,
            block=True,
            retries=retry,
            timeout=urllib3.Timeout(timeout_s),
        )

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def get(
        self,
        path: str,
        parameters: Parameters | None = None,
        *,
        may_be_absent: bool = False,
    ) -> Answer:
        """Return the answer to a request.

        Args:
            path: such as `/issues.json`.
            parameters: of the query.
            may_be_absent: return the statuses 403 and 404 too, without a payload.

        Raises:
            KeyRefusedError: 401.
            SourceError: 403 or 404, unless `may_be_absent`.
            UnreachableError: no answer, or an error of the server, after all retries.
            NotRedmineError: anything but a JSON object.
        """
        place, response = self._send(path, "application/json", parameters or {})
        status = self._checked_status(place, response, may_be_absent)
        if status != HTTPStatus.OK:
            return Answer(status, {}, None)
        return Answer(status, _json_object(place, response), _server_time(response))

    def get_csv(self, path: str, parameters: Parameters) -> bytes:
        """Return a CSV export, with the errors of `get`."""
        place, response = self._send(path, "text/csv", parameters)
        self._checked_status(place, response, may_be_absent=False)
        kind = response.headers.get("Content-Type", "no type").partition(";")[0]
        if kind != "text/csv":
            message = f"{place}: answered {kind} instead of a CSV export."
            raise NotRedmineError(message)
        return response.data

    def _send(
        self, path: str, kind: str, parameters: Parameters
    ) -> tuple[str, urllib3.BaseHTTPResponse]:
        with self._lock:
            self.requests[_endpoint(path)] += 1
        place = f"{self.url}{path}"
        target = f"{place}?{urlencode(parameters)}" if parameters else place
        headers = {_HEADER: self._key, "Accept": kind}
        failure = ""
        try:
            # A redirect would take the key to another address.
            response = self._pool.request(
                "GET", target, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            failure = _reason(error)
        if failure:
            # Outside the handler: a chained error shows headers to verbose tracebacks.
            message = f"{place}: no usable answer: {failure}."
            raise UnreachableError(message)
        return place, response

    def _checked_status(
        self, place: str, response: urllib3.BaseHTTPResponse, may_be_absent: bool
    ) -> int:
        status = response.status
        if status == HTTPStatus.OK or (may_be_absent and status in _ABSENT):
            return status
        if status == HTTPStatus.UNAUTHORIZED:
            message = (
                f"{place}: Redmine does not accept the API key (401); copy it from"
                ' "My account" in Redmine.'
            )
            raise KeyRefusedError(message)
        if status in _ABSENT:
            cure = (
                "it does not exist, or is not visible to the user of the key"
                if status == HTTPStatus.NOT_FOUND
                else "the user of the key may not read it"
            )
            message = f"{place}: {status}: {cure}."
            raise SourceError(message)
        if status in RETRIED_STATUSES:
            message = f"{place}: the server still answers {status} after all retries."
            raise UnreachableError(message)
        message = f"{place}: answered {status}{_login_hint(response)}."
        raise NotRedmineError(message)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port of letters
        parts, has_place = urlsplit(""), False
    extra = parts.query or parts.fragment
    if parts.username or parts.password or "key=" in extra.casefold():
        message = (
            "The address carries a secret, which ends up in logs and notebooks; give"
            f" {parts.scheme}://{parts.hostname} as the address and the key as key=."
        )
        raise SourceError(message)
    if parts.scheme not in ("http", "https") or not has_place or extra:
        shown = re.split(r"[?#]", url)[0]  # the rest may be a secret
        message = f"{shown!r} is not the address of a Redmine; give https://HOST[/PATH]"
        message += ", without ? or #." if extra else "."
        raise SourceError(message)
    return url.rstrip("/")


def _checked_key(key: str) -> Key:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        message = (
            "The API key is empty or has characters that no key has; copy it from"
            ' "My account" in Redmine, or set REDMINE_API_KEY.'
        )
        raise KeyRefusedError(message)
    return Key(key)


def _pool(url: str, ca_file: str | None, **options: Any) -> urllib3.PoolManager:
    """Return a pool that goes through the proxy of the environment, if there is one."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        try:
            options["ssl_context"] = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            message = (
                f"{ca_file}: cannot be used as ca_file: {error.strerror or error}."
            )
            raise SourceError(message) from None
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)


def _endpoint(path: str) -> str:
    """Return a path with `N` for its numbers and names, for counts of requests."""
    head, *rest = path.strip("/").split("/")
    return "/".join([f"/{head}", *("N" if i == 0 else p for i, p in enumerate(rest))])


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    reason = getattr(error, "reason", None) or error
    text = str(reason).rpartition(">: ")[2].rstrip(".")
    return text.removeprefix("(").rstrip(")") or type(reason).__name__


def _login_hint(response: urllib3.BaseHTTPResponse) -> str:
    target = response.headers.get("Location", "")
    if "/login" in target:
        return ", a redirect to the login page: the key was not used"
    if target:
        return f", a redirect to {target.partition('?')[0]}; give that address"
    return ", which Redmine does not"


def _json_object(place: str, response: urllib3.BaseHTTPResponse) -> Payload:
    kind = response.headers.get("Content-Type", "no type").partition(";")[0]
    try:
        payload = json.loads(response.data)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        message = (
            f"{place}: answered {kind} instead of Redmine's JSON; is this the address"
            " of Redmine, and not of a login page or proxy?"
        )
        raise NotRedmineError(message)
    return payload


def _server_time(response: urllib3.BaseHTTPResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
