"""Bring the cache up to the state of the server with as few requests as it takes.

1. Who am I: a wrong key is not an error for a public project, so it is asked first.
2. The lists that have no trace of changes are read in full: projects, versions, time
   entries, and the names of statuses, trackers, priorities and custom fields.
3. Issues changed since the cursor, which is the greatest `updated_on` seen, less an
   overlap: a transaction that took long may be committed after later ones.
4. Each changed issue with its journals, several at a time, while 3 goes on.
5. The number of issues; if it is not ours, all ids, and each missing issue is asked for:
   deleted (404), hidden (403) or moved (another project).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from http import HTTPStatus

from redmine_analytics.exceptions import KeyRefusedError, SourceError
from redmine_analytics.read.cache import Cache
from redmine_analytics.read.client import Answer, Client, Parameters, Payload
from redmine_analytics.read.pages import count_issues, issue_pages, read_list

__all__ = ["Progress", "Run", "check_user", "synchronise"]

Progress = Callable[[int, int], None]  # issues read, issues to read

OVERLAP = timedelta(seconds=60)
# Redmine's times have whole seconds; another change may come in the second of the last.
SETTLED_AFTER = timedelta(seconds=2)
# Without the server's time its clock may differ from ours.
CLOCK_SKEW = timedelta(seconds=60)
KEPT_AT_ONCE = 50
# Lists of names, by the path and the name in the answer.
_NAMES = (
    ("/issue_statuses.json", "issue_statuses"),
    ("/trackers.json", "trackers"),
    ("/enumerations/issue_priorities.json", "issue_priorities"),
)


@dataclass(frozen=True)
class Run:
    """The outcome of a run: how many issues were read, and how many vanished."""

    changed: int
    gone: int


def synchronise(
    client: Client,
    cache: Cache,
    project: str | None,
    *,
    full: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Read the changes since the last complete run; a broken run is resumed.

    Args:
        client: of the server.
        cache: is changed in many small transactions.
        project: the identifier or number of a project, with its subprojects; None for
            everything that the user can see.
        full: read every issue again, which also finds edited and deleted journals.
        progress: called with the number of issues read, and to read.
    """
    began = datetime.now(timezone.utc)
    user = check_user(client)
    if cache["user"] not in (None, user):
        cache.forget()
    cache["user"] = user
    filters = _read_lists(client, cache, project)
    if full:
        cache.mark_unread(cache.ids())
    reader = _IssueReader(client, cache, progress or (lambda done, total: None))
    reader.read(_changes(client, cache, filters, full=full))
    gone = 0
    if count_issues(client, **filters) != len(cache.ids()):
        gone = _compare_ids(client, cache, filters, reader)
    _reread_deleted_versions(cache, reader)
    with cache.transaction():
        cache["cursor"] = cache.newest_change() or ""
        cache["read_at"] = began.isoformat()
    return Run(changed=reader.changed, gone=gone + reader.gone)


def check_user(client: Client) -> str:
    """Return the number of the key's user.

    Raises:
        KeyRefusedError: the key is wrong, or REST is switched off: a public project
            would answer all the same, with the view of an anonymous user.
    """
    answer = client.get("/users/current.json", may_be_absent=True)
    if answer.status != HTTPStatus.OK:
        message = (
            f"{client.url}: Redmine's REST service is switched off ({answer.status}),"
            " so the key is ignored; an administrator enables it below"
            " Administration > Settings > API."
        )
        raise KeyRefusedError(message)
    # The payload also has the key: nothing but the number is kept.
    return str(answer.payload["user"]["id"])


def _read_lists(
    client: Client, cache: Cache, project: str | None
) -> dict[str, str | int]:
    """Read the lists that every run reads in full; return the filters of the project."""
    projects = read_list(client, "/projects.json", "projects")
    filters: dict[str, str | int] = {}
    if project is not None:
        root = _project(client, project)
        filters = {"project_id": root["id"]}
        projects = _with_descendants(root, projects)
    jobs: dict[str, Callable[[], list[Payload]]] = {
        name: partial(read_list, client, path, name) for path, name in _NAMES
    }
    jobs["versions"] = partial(_versions, client, projects)
    jobs["custom_fields"] = partial(_custom_fields, client)
    jobs["time_entries"] = partial(_time_entries, client, filters)
    with ThreadPoolExecutor(client.concurrency) as executor:
        running = {name: executor.submit(job) for name, job in jobs.items()}
        lists = {name: future.result() for name, future in running.items()}
    lists["projects"] = projects
    with cache.transaction():
        for name, rows in lists.items():
            cache.replace_list(name, rows)
    return filters


def _project(client: Client, project: str) -> Payload:
    answer = client.get(f"/projects/{project}.json", may_be_absent=True)
    if answer.status != HTTPStatus.OK:
        message = (
            f"{client.url}: project {project!r} does not exist, or is not visible to"
            " the user of the key; give the identifier from the project's address."
        )
        raise SourceError(message)
    return dict(answer.payload["project"])


def _with_descendants(root: Payload, projects: Iterable[Payload]) -> list[Payload]:
    found = {root["id"]: root}
    others = {project["id"]: project for project in projects}
    while True:
        new = {
            number: project
            for number, project in others.items()
            if number not in found and project.get("parent", {}).get("id") in found
        }
        if not new:
            return list(found.values())
        found |= new


def _custom_fields(client: Client) -> list[Payload]:
    """Return the names of custom fields; only an administrator may read them here."""
    answer = client.get("/custom_fields.json", may_be_absent=True)
    return [
        {"id": field["id"], "name": field["name"]}
        for field in answer.payload.get("custom_fields", [])
    ]


def _time_entries(client: Client, filters: Parameters) -> list[Payload]:
    """Return all time entries: none if the user may not see them."""
    path, name = "/time_entries.json", "time_entries"
    answer = client.get(path, {"limit": 1, **filters}, may_be_absent=True)
    if answer.status != HTTPStatus.OK:
        return []
    return read_list(client, path, name, **filters)


def _versions(client: Client, projects: Iterable[Payload]) -> list[Payload]:
    """Return the versions of the projects, and those that others share with them."""
    versions: dict[int, Payload] = {}
    for project in projects:
        answer = client.get(
            f"/projects/{project['id']}/versions.json", may_be_absent=True
        )
        for version in answer.payload.get("versions", []):
            versions[version["id"]] = version
    return list(versions.values())


def _changes(
    client: Client, cache: Cache, filters: dict[str, str | int], *, full: bool
) -> Iterable[tuple[list[Payload], int]]:
    cursor = cache["cursor"]
    if not cursor or full:
        return issue_pages(client, **filters)
    since = _time(cursor) - OVERLAP
    return issue_pages(client, updated_on=f">={since:%Y-%m-%dT%H:%M:%SZ}", **filters)


def _compare_ids(
    client: Client,
    cache: Cache,
    filters: dict[str, str | int],
    reader: _IssueReader,
) -> int:
    """List every id, read the unknown issues, and say of each missing one why it is."""
    before, listed = cache.ids(), set()
    for rows, _ in issue_pages(client, **filters):
        listed |= {row["id"] for row in rows}
        reader.read([(rows, 0)])
    ours = cache.list_ids("projects")
    gone = 0
    for number in sorted(before - listed):
        answer = client.get(f"/issues/{number}.json", may_be_absent=True)
        project = answer.payload.get("issue", {}).get("project", {}).get("id")
        if project not in ours:  # else it came back while the ids were read
            _drop(cache, number, answer)
            gone += 1
    return gone


def _drop(cache: Cache, number: int, answer: Answer) -> None:
    if answer.status == HTTPStatus.OK:
        reason, project = "moved", answer.payload["issue"]["project"]["name"]
    else:
        hidden = answer.status == HTTPStatus.FORBIDDEN
        reason, project = ("hidden" if hidden else "deleted"), None
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    cache.drop(number, reason, project, now)


def _reread_deleted_versions(cache: Cache, reader: _IssueReader) -> None:
    """Read issues again whose version is gone: deleting it does not touch them."""
    record_lists = cache.list_ids("versions")
    known = set(map(int, (cache["unlisted_versions"] or "").split()))
    stale = cache.issues_with_version_outside(record_lists | known)
    if stale:
        cache.mark_unread(stale)
        reader.read([])
    unlisted = cache.versions_in_use() - record_lists
    cache["unlisted_versions"] = " ".join(map(str, sorted(unlisted)))


class _IssueReader:
    """Reads issues with their journals, several at a time, into the cache.

    Only the thread that calls `read` writes to the cache.
    """

    def __init__(self, client: Client, cache: Cache, progress: Progress) -> None:
        self._client = client
        self._cache = cache
        self._progress = progress
        self._running: set[Future[tuple[int, Answer]]] = set()
        self._bodies: list[tuple[Payload, bool]] = []
        self._total = 0
        self._reread: set[int] = set()  # once in a run, however often they are listed
        self.changed = 0
        self.gone = 0

    def read(self, pages: Iterable[tuple[list[Payload], int]]) -> None:
        """Read the issues of the pages that changed, and any left by a broken run."""
        with ThreadPoolExecutor(self._client.concurrency) as executor:
            try:
                for rows, _ in pages:
                    self._cache.note_listed(rows)
                    self._submit(
                        executor, self._cache.unread([row["id"] for row in rows])
                    )
                    self._collect(wait_for_all=False)
                self._submit(executor, self._cache.unread())
                self._collect(wait_for_all=True)
            finally:
                executor.shutdown(cancel_futures=True)
                self._write()

    def _submit(self, executor: ThreadPoolExecutor, ids: Iterable[int]) -> None:
        new = [number for number in ids if number not in self._reread]
        self._reread.update(new)
        self._running |= {executor.submit(self._fetch, number) for number in new}
        self._total += len(new)

    def _fetch(self, number: int) -> tuple[int, Answer]:
        path = f"/issues/{number}.json"
        answer = self._client.get(path, {"include": "journals"}, may_be_absent=True)
        return number, answer

    def _collect(self, *, wait_for_all: bool) -> None:
        while self._running:
            timeout = None if wait_for_all else 0
            done, self._running = wait(self._running, timeout, FIRST_COMPLETED)
            for future in done:
                self._keep(*future.result())
            if not done:
                return

    def _keep(self, number: int, answer: Answer) -> None:
        if answer.status != HTTPStatus.OK:  # it vanished since it was listed
            _drop(self._cache, number, answer)
            self.gone += 1
            return
        body = dict(answer.payload["issue"])
        self._bodies.append((body, _is_settled(body, answer.server_time)))
        self.changed += 1
        self._progress(self.changed, self._total)
        if len(self._bodies) >= KEPT_AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._cache.keep(self._bodies)
        self._bodies.clear()


def _is_settled(body: Payload, server_time: datetime | None) -> bool:
    updated_on = _time(body["updated_on"])
    if server_time is not None:
        return server_time - updated_on >= SETTLED_AFTER
    return datetime.now(timezone.utc) - updated_on >= CLOCK_SKEW


def _time(text: str) -> datetime:
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
