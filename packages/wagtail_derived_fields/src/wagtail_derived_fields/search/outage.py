"""What happens when the search server does not answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from modelsearch.backends import InvalidSearchBackendError, get_search_backend
from modelsearch.conf import get_app_config

from wagtail_derived_fields.exceptions import SearchUnavailableError

__all__ = ["Interruptible", "SearchServer"]

logger = logging.getLogger(__name__)

# What a cluster without a master says, and a proxy before a stopped server.
_DOWN = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class SearchServer:
    """A back end that asks a server, and perhaps another back end when it is down.

    Attributes:
        fallback: the other's name among the back ends, from the option `FALLBACK`;
            None if there is none.
        unreachable: the client's errors for a server that it cannot reach.
        refused: the client's error for a request that the server refuses; its
            `status_code` has the reason.
    """

    unreachable: tuple[type[Exception], ...]
    refused: type[Exception]

    def __init__(self, params: dict[str, Any]) -> None:
        self.fallback: str | None = params.pop("FALLBACK", None)
        # A name that is wrong must not show in the outage only.
        names = get_app_config().get_search_backend_config()
        if self.fallback is not None and self.fallback not in names:
            message = (
                f"FALLBACK is {self.fallback!r}; there are the search back ends"
                f" {', '.join(names)}."
            )
            raise InvalidSearchBackendError(message)
        super().__init__(params)  # type: ignore[call-arg]

    def is_down(self, error: Exception) -> bool:
        """Tell whether the error is the server's absence, not the request's fault."""
        return (
            isinstance(error, self.unreachable)
            or getattr(error, "status_code", None) in _DOWN
        )


class Interruptible:
    """Results that come from the fallback, or end in one clear error, in an outage."""

    backend: Any
    query_compiler: Any
    start: int
    stop: int | None
    _score_field: str | None

    def facet(self, field_name: str) -> Any:
        """Return the number of results for each value.

        Raises:
            SearchUnavailableError: the server is down, and there is no `FALLBACK`.
        """
        ask = super().facet  # type: ignore[misc]
        return self._ask(lambda: ask(field_name), lambda other: other.facet(field_name))

    def _do_search(self) -> Any:
        ask = super()._do_search  # type: ignore[misc]
        return self._ask(lambda: list(ask()), lambda other: list(self._limit(other)))

    def _do_count(self) -> Any:
        ask = super()._do_count  # type: ignore[misc]
        return self._ask(ask, lambda other: self._limit(other).count())

    def _ask(self, ask: Callable[[], Any], instead: Callable[[Any], Any]) -> Any:
        server: SearchServer = self.backend
        try:
            return ask()
        except (*server.unreachable, server.refused) as error:
            if not server.is_down(error):
                raise
            if server.fallback is None:
                message = (
                    "The search server does not answer; start it, or let another back"
                    " end answer meanwhile: FALLBACK names it."
                )
                raise SearchUnavailableError(message) from error
        logger.warning(
            "The search server does not answer; %r answers instead.", server.fallback
        )
        return instead(self._search_elsewhere(server.fallback))

    def _search_elsewhere(self, name: str) -> Any:
        other = get_search_backend(name)
        if isinstance(other, SearchServer):
            other.fallback = None  # Two that name each other would ask without end.
        compiler = self.query_compiler
        is_autocomplete = isinstance(
            compiler, self.backend.autocomplete_query_compiler_class
        )
        found = (other.autocomplete if is_autocomplete else other.search)(
            compiler.query,
            compiler.queryset,
            fields=compiler.fields,
            order_by_relevance=compiler.order_by_relevance,
        )
        return found.annotate_score(self._score_field) if self._score_field else found

    def _limit(self, results: Any) -> Any:
        return results[self.start : self.stop]
