"""Read whole lists page by page, although the server changes meanwhile.

Redmine returns up to 100 rows, whatever limit is asked for, and a page begins at a
number of rows: a row deleted meanwhile shifts all later ones, and one is missed.
Issues are therefore read by id (`issue_id=>=N`), which cannot shift. Lists without such
a filter are read by offset, and again if their count or ids do not agree.
"""

from __future__ import annotations

from collections.abc import Iterator

from redmine_analytics.exceptions import ChangedWhileReadError, NotRedmineError
from redmine_analytics.read.client import Client, Payload

__all__ = ["PAGE_SIZE", "count_issues", "issue_pages", "read_list"]

PAGE_SIZE = 100
ATTEMPTS = 4


def issue_pages(
    client: Client, **filters: str | int
) -> Iterator[tuple[list[Payload], int]]:
    """Yield pages of issues in the order of their ids, and how many are left.

    Args:
        client: of the server.
        filters: such as `project_id`; the status is always `*`, as the default lists
            open issues only.

    Raises:
        NotRedmineError: the server ignores the filter by id, as before Redmine 3.4.
    """
    next_id = 0
    while True:
        cursor = {"issue_id": f">={next_id}"} if next_id else {}
        payload = client.get(
            "/issues.json",
            {"status_id": "*", "sort": "id", "limit": PAGE_SIZE, **filters, **cursor},
        ).payload
        rows = _rows(payload, "issues")
        if rows and rows[0]["id"] < next_id:
            message = (
                f"{client.url}: the server ignores the filter issue_id;"
                " Redmine 3.4 or later is needed."
            )
            raise NotRedmineError(message)
        yield rows, max(payload.get("total_count", 0) - len(rows), 0)
        if len(rows) < PAGE_SIZE:
            return
        next_id = rows[-1]["id"] + 1


def count_issues(client: Client, **filters: str | int) -> int:
    """Return the number of issues, open or closed, that the filters select."""
    payload = client.get(
        "/issues.json", {"status_id": "*", "limit": 1, **filters}
    ).payload
    _rows(payload, "issues")
    return int(payload["total_count"])


def read_list(
    client: Client, path: str, name: str, **parameters: str | int
) -> list[Payload]:
    """Return all rows of a list that is read by offset, each once.

    Args:
        client: of the server.
        path: such as `/time_entries.json`.
        name: of the list in the answer, such as `time_entries`.
        parameters: of the query.

    Raises:
        ChangedWhileReadError: the list changed during each of four attempts.
    """
    for _ in range(ATTEMPTS):
        rows = _read_once(client, path, name, parameters)
        if rows is not None:
            return rows
    message = (
        f"{client.url}{path}: the list changed each of the {ATTEMPTS} times that it"
        " was read; try again when fewer people work."
    )
    raise ChangedWhileReadError(message)


def _read_once(
    client: Client, path: str, name: str, parameters: dict[str, str | int]
) -> list[Payload] | None:
    """Return all rows, or None if the list changed while it was read."""
    rows: dict[int, Payload] = {}
    total: int | None = None
    while total is None or len(rows) < total:
        payload = client.get(
            path, {**parameters, "limit": PAGE_SIZE, "offset": len(rows)}
        ).payload
        page = _rows(payload, name)
        count = int(payload.get("total_count", len(page)))
        if total not in (None, count) or any(row["id"] in rows for row in page):
            return None
        total = count
        rows |= {row["id"]: row for row in page}
        if not page and len(rows) < total:
            return None
    return list(rows.values())


def _rows(payload: Payload, name: str) -> list[Payload]:
    rows = payload.get(name)
    if not isinstance(rows, list):
        message = f"The answer has no list {name!r}; is this the address of a Redmine?"
        raise NotRedmineError(message)
    return rows
