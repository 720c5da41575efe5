"""RedmineSource: the door to a Redmine. It reads, and returns frames."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from redmine_analytics.exceptions import CacheError, SourceError
from redmine_analytics.frames.build import Frames, build_frames
from redmine_analytics.read.cache import Cache
from redmine_analytics.read.client import Client, Key
from redmine_analytics.read.exports import read_export
from redmine_analytics.read.pages import read_list
from redmine_analytics.read.sync import Progress, check_user, synchronise

__all__ = ["RedmineSource"]


class RedmineSource:
    """A project of a Redmine, or a saved query of it.

    Args:
        url: the address of Redmine, such as `https://redmine.example.com`.
        key: the API key; by default the environment variable `REDMINE_API_KEY`.
        project: an identifier such as `devops`, with its subprojects; None for every
            project that the user can see.
        query: the number of a saved query (`query_id` in its address): the frames hold
            its issues only.
        cache: the file of the cache; by default one for each project below the user's
            cache folder.
        concurrency: how many requests may run at the same time.
        timeout_s: for a connection and for each read.
        retries: after a dropped connection or an answer such as 503.
        ca_file: the authorities to trust, if not those of the system.

    Example:
        >>> source = RedmineSource(
        ...     "https://redmine.example.com", key="k3y", project="web"
        ... )
        >>> source
        RedmineSource('https://redmine.example.com', project='web')

    Raises:
        SourceError: the address is not one, or carries a secret.
    """

    # A refused address ends in a traceback, which may show the half-made object.
    url: str = ""
    project: str | None = None
    query: int | None = None

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        project: str | int | None = None,
        query: int | None = None,
        cache: str | os.PathLike[str] | None = None,
        concurrency: int = 8,
        timeout_s: float = 30,
        retries: int = 5,
        ca_file: str | None = None,
    ) -> None:
        self._key = Key(key or os.environ.get("REDMINE_API_KEY", ""))
        del key  # a traceback with variables would show it
        self._options = {
            "concurrency": concurrency,
            "timeout_s": timeout_s,
            "retries": retries,
            "ca_file": ca_file,
        }
        # Every mistake in the address is told now; a key is not needed offline.
        self.url = Client(url, self._key or "offline").url
        self.project = None if project is None else str(project)
        if self.project is not None and not re.fullmatch(r"[\w-]+", self.project):
            message = f"project {self.project!r}: give the identifier from its address."
            raise SourceError(message)
        self.query = query
        self.cache = Path(cache) if cache else self._default_cache()
        self.requests: dict[str, int] = {}

    def __repr__(self) -> str:
        given = "".join(
            f", {name}={value!r}"
            for name, value in (("project", self.project), ("query", self.query))
            if value is not None
        )
        return f"RedmineSource({self.url!r}{given})"

    def _default_cache(self) -> Path:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        digest = hashlib.sha256(self._identity().encode()).hexdigest()[:12]
        host = urlsplit(self.url).hostname
        name = f"{host}-{self.project or 'all'}-{digest}.sqlite"
        return folder / "redmine_analytics" / name

    def _identity(self) -> str:
        return f"{self.url} {self.project or 'every project'}"

    def frames(
        self,
        *,
        offline: bool = False,
        full: bool = False,
        progress: Progress | None = None,
    ) -> Frames:
        """Read the changes, and return the frames.

        Args:
            offline: use the cache as it is and make no request; `Frames.age` says how
                old it is.
            full: read every issue again, to find edited and deleted journals too.
            progress: called with the number of issues read, and to read.

        Raises:
            KeyRefusedError: the key is wrong, or REST is switched off.
            UnreachableError: there is no usable answer; the issues read so far are kept.
            CacheError: offline without a complete run, or a foreign cache file.
        """
        if offline and not self.cache.exists():
            message = f"{self.cache}: does not exist; connect once without offline."
            raise CacheError(message)
        try:
            with contextlib.closing(Cache(self.cache, self._identity())) as cache:
                if not offline:
                    self._read(cache, full=full, progress=progress)
                record = cache.record()
                selected = cache.selection(self.query)
        except sqlite3.Error as error:
            message = f"{self.cache}: cannot be used ({error}); delete it, or name another file."
            raise CacheError(message) from None
        frames = build_frames(record)
        return frames if selected is None else frames.select(selected)

    def export(self) -> pd.DataFrame:
        """Return the CSV export of the query, or of all issues, as a frame of today.

        Raises:
            ExportError: Redmine truncated it.
        """
        client = Client(self.url, self._key, **self._options)  # type: ignore[arg-type]
        check_user(client)
        prefix = f"/projects/{self.project}" if self.project else ""
        filters: dict[str, str | int] = (
            {"query_id": self.query}
            if self.query is not None
            else {"set_filter": 1, "status_id": "*", "c[]": "all_inline"}
        )
        rows = client.get(f"{prefix}/issues.json", {"limit": 1, **filters}).payload
        content = client.get_csv(
            f"{prefix}/issues.csv", {"encoding": "UTF-8", **filters}
        )
        return read_export(content, expected=rows["total_count"])

    def _read(self, cache: Cache, *, full: bool, progress: Progress | None) -> None:
        client = Client(self.url, self._key, **self._options)  # type: ignore[arg-type]
        try:
            synchronise(client, cache, self.project, full=full, progress=progress)
            if self.query is not None:
                prefix = f"/projects/{self.project}" if self.project else ""
                rows = read_list(
                    client, f"{prefix}/issues.json", "issues", query_id=self.query
                )
                cache.keep_selection(self.query, [row["id"] for row in rows])
        finally:
            self.requests = dict(client.requests)
