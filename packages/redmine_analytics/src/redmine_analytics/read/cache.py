"""The cache of issues and lists, an SQLite file: whole after each commit, so a run can be resumed.

| table | holds |
|---|---|
| meta | the source, the user, the cursor, when the last complete run began |
| issues | each issue as Redmine returned it, with its journals |
| lists | versions, time entries and the names of ids, replaced in every run |
| gone | issues that were there once, and why they are not any more |

The API key is never written. The file is readable by its owner only.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from redmine_analytics.exceptions import CacheError
from redmine_analytics.read.client import Payload

__all__ = ["Cache", "Record"]

_APPLICATION_ID = 0x52644D61
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE issues (
    id INTEGER PRIMARY KEY,
    listed_on TEXT NOT NULL,       -- updated_on in the list
    updated_on TEXT,               -- updated_on of the body; NULL until it is read
    is_settled INTEGER NOT NULL,   -- 0: a change in the same second may be missing
    read_order INTEGER,            -- the larger, the later; names of ids may change
    body TEXT
);
CREATE INDEX issues_read_order ON issues (read_order);
CREATE TABLE lists (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE gone (
    id INTEGER PRIMARY KEY, reason TEXT NOT NULL, project TEXT, noticed_at TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Record:
    """All that a complete run has read.

    Args:
        url: of the Redmine.
        read_at: when the run began, in UTC.
        issues: with journals, in the order in which they were read.
        lists: by name: `versions`, `time_entries`, `issue_statuses` and others.
        gone: issues that vanished: `id`, `reason`, `project`, `noticed_at`.
    """

    url: str
    read_at: datetime
    issues: list[Payload]
    lists: dict[str, list[Payload]] = field(default_factory=dict)
    gone: list[Payload] = field(default_factory=list)


class Cache:
    """The cache file of one project of one Redmine, as one user sees it."""

    def __init__(self, file: Path, source: str) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        is_new = not file.exists()
        if is_new:
            file.touch(mode=0o600)
        elif not file.is_file():
            message = f"{file}: is not a file; name one for the cache."
            raise CacheError(message)
        self._database = sqlite3.connect(file, timeout=30, isolation_level=None)
        try:
            self._open(is_new or file.stat().st_size == 0, source)
        except sqlite3.DatabaseError as error:
            self.close()
            message = (
                f"{file}: is not a cache of redmine_analytics ({error}); name another"
                " file."
            )
            raise CacheError(message) from None
        except CacheError:
            self.close()
            raise

    def _open(self, is_new: bool, source: str) -> None:
        if is_new:
            self._database.executescript(
                f"BEGIN; PRAGMA application_id = {_APPLICATION_ID};"
                f"PRAGMA user_version = {_SCHEMA_VERSION}; {_SCHEMA} COMMIT;"
            )
            self["source"] = source
            return
        if self._pragma("application_id") != _APPLICATION_ID:
            message = f"{self.file}: is another program's database; name another file."
            raise CacheError(message)
        if self._pragma("user_version") != _SCHEMA_VERSION:
            message = f"{self.file}: was written by another version; delete the file."
            raise CacheError(message)
        if self["source"] != source:
            message = (
                f"{self.file}: holds {self['source']}, not {source};"
                " name another file with cache=."
            )
            raise CacheError(message)

    def _pragma(self, name: str) -> int:
        [(value,)] = self._database.execute(f"PRAGMA {name}").fetchall()
        return int(value)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __getitem__(self, name: str) -> str | None:
        found = self._database.execute(
            "SELECT value FROM meta WHERE name = ?", (name,)
        ).fetchone()
        return found[0] if found else None

    def __setitem__(self, name: str, value: str) -> None:
        self._database.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything of the block, or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def forget(self) -> None:
        """Remove all that was read: for another user it may be a secret."""
        with self.transaction():
            for table in ("issues", "lists", "gone"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608
            self._database.execute("DELETE FROM meta WHERE name <> 'source'")

    def note_listed(self, rows: Iterable[Payload]) -> None:
        """Remember that these issues exist, with the time of their last change."""
        with self.transaction():
            self._database.executemany(
                "INSERT INTO issues (id, listed_on, is_settled) VALUES (?, ?, 0)"
                " ON CONFLICT (id) DO UPDATE SET listed_on = excluded.listed_on",
                [(row["id"], row["updated_on"]) for row in rows],
            )
            self._database.executemany(
                "DELETE FROM gone WHERE id = ?", [(row["id"],) for row in rows]
            )

    def unread(self, ids: Iterable[int] | None = None) -> list[int]:
        """Return the issues whose body is missing, outdated or not settled.

        Args:
            ids: look at these only; None at all, but then not for settled ones.
        """
        if ids is None:
            rows = self._database.execute(
                "SELECT id FROM issues WHERE updated_on IS NOT listed_on ORDER BY id"
            )
            return [number for (number,) in rows]
        wanted = set(ids)
        rows = self._database.execute(
            "SELECT id FROM issues WHERE updated_on IS NOT listed_on OR NOT is_settled"
            " ORDER BY id"
        )
        return [number for (number,) in rows if number in wanted]

    def keep(self, bodies: Iterable[tuple[Payload, bool]]) -> None:
        """Write issues as read, each with whether it is settled."""
        with self.transaction():
            for body, is_settled in bodies:
                updated_on = body["updated_on"]
                self._database.execute(
                    "INSERT INTO issues VALUES"
                    " (:id, :on, :on, :settled, (SELECT coalesce(max(read_order), 0) + 1"
                    " FROM issues), :body) ON CONFLICT (id) DO UPDATE SET"
                    " listed_on = :on, updated_on = :on, is_settled = :settled,"
                    " read_order = excluded.read_order, body = :body",
                    {
                        "id": body["id"],
                        "on": updated_on,
                        "settled": int(is_settled),
                        "body": json.dumps(body, separators=(",", ":")),
                    },
                )

    def drop(self, number: int, reason: str, project: str | None, at: str) -> None:
        """Remove an issue that the source does not have any more."""
        with self.transaction():
            self._database.execute("DELETE FROM issues WHERE id = ?", (number,))
            self._database.execute(
                "REPLACE INTO gone VALUES (?, ?, ?, ?)", (number, reason, project, at)
            )

    def mark_unread(self, ids: Iterable[int]) -> None:
        """Have these issues read again."""
        with self.transaction():
            self._database.executemany(
                "UPDATE issues SET updated_on = NULL WHERE id = ?",
                [(number,) for number in ids],
            )

    def replace_list(self, name: str, rows: list[Payload]) -> None:
        """Replace a list that is read in full."""
        self._database.execute(
            "REPLACE INTO lists VALUES (?, ?)", (name, json.dumps(rows))
        )

    def keep_selection(self, query: int, ids: list[int]) -> None:
        """Remember which issues a saved query selects."""
        self.replace_list(f"query {query}", [{"id": number} for number in ids])

    def selection(self, query: int | None) -> set[int] | None:
        """Return the issues of a saved query; None without a query.

        Raises:
            CacheError: the query was never read.
        """
        if query is None:
            return None
        name = f"query {query}"
        found = self._database.execute("SELECT 1 FROM lists WHERE name = ?", (name,))
        if found.fetchone() is None:
            message = f"{self.file}: query {query} was never read; connect once without offline."
            raise CacheError(message)
        return self.list_ids(name)

    def ids(self) -> set[int]:
        """Return the ids of all issues."""
        return {number for (number,) in self._database.execute("SELECT id FROM issues")}

    def list_ids(self, name: str) -> set[int]:
        """Return the ids in a list."""
        found = self._database.execute(
            "SELECT body FROM lists WHERE name = ?", (name,)
        ).fetchone()
        return {row["id"] for row in json.loads(found[0])} if found else set()

    def versions_in_use(self) -> set[int]:
        """Return the ids of the versions that issues have."""
        rows = self._database.execute(
            "SELECT DISTINCT json_extract(body, '$.fixed_version.id') FROM issues"
        )
        return {number for (number,) in rows if number is not None}

    def issues_with_version_outside(self, versions: set[int]) -> list[int]:
        """Return the issues that have a version which is not one of these."""
        rows = self._database.execute(
            "SELECT id, json_extract(body, '$.fixed_version.id') FROM issues"
        )
        return [n for n, version in rows if version and version not in versions]

    def newest_change(self) -> str | None:
        """Return the greatest `updated_on` of the server that was seen."""
        [(newest,)] = self._database.execute("SELECT max(listed_on) FROM issues")
        return None if newest is None else str(newest)

    def record(self) -> Record:
        """Return all that was read.

        Raises:
            CacheError: no run was ever complete.
        """
        read_at = self["read_at"]
        if read_at is None:
            message = (
                f"{self.file}: holds no complete run; connect once without offline."
            )
            raise CacheError(message)
        bodies = self._database.execute(
            "SELECT body FROM issues WHERE body IS NOT NULL ORDER BY read_order"
        )
        lists = self._database.execute("SELECT name, body FROM lists")
        gone = self._database.execute("SELECT * FROM gone ORDER BY id")
        names = ("id", "reason", "project", "noticed_at")
        return Record(
            url=str(self["source"]).split()[0],
            read_at=datetime.fromisoformat(read_at),
            issues=[json.loads(body) for (body,) in bodies],
            lists={name: json.loads(body) for name, body in lists},
            gone=[dict[str, Any](zip(names, row, strict=True)) for row in gone],
        )
