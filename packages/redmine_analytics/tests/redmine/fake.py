"""Redmine's REST service over recorded answers, with faults on demand.

It answers from what `record` took from a real server, by the rules that were measured
there; `tests/redmine/test_fake.py` compares both. A fault is used for the next request
whose path begins with the given text.
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from . import ADMIN_KEY

RECORDED = Path(__file__).parents[1] / "recorded" / "redmine-5.0.4.json"
LISTS = (
    "/issue_statuses.json",
    "/trackers.json",
    "/enumerations/issue_priorities.json",
    "/custom_fields.json",
    "/projects.json",
)
PAGE_SIZE = 100


def record(get, projects):
    """Return all that the fake needs; `get(path)` asks a real server."""
    state = {path: get(path) for path in LISTS}
    for number in projects:
        for path in (f"/projects/{number}.json", f"/projects/{number}/versions.json"):
            state[path] = get(path)
    rows = get("/issues.json?status_id=*&sort=id&limit=100")["issues"]
    state["list"] = {row["id"]: row for row in rows}
    state["issues"] = {
        row["id"]: get(f"/issues/{row['id']}.json?include=journals")["issue"]
        for row in rows
    }
    state["time_entries"] = get("/time_entries.json?limit=100")["time_entries"]
    return state


def recorded():
    """Return the state that was recorded from the real Redmine."""
    state = json.loads(RECORDED.read_text(encoding="utf-8"))
    for name in ("list", "issues"):
        state[name] = {int(number): row for number, row in state[name].items()}
    return state


class FakeRedmine:
    """A server on loopback; `with FakeRedmine() as server`.

    Attributes:
        state: the data, which a test may change.
        faults: list of (path, fault), each used once: `drop`, `cut`, `login`, `html`,
            or (status, headers).
        paths: of all requests, with their query.
        changes: functions that are called with the state before a request, once each.
    """

    key = ADMIN_KEY

    def __init__(self, state=None):
        self.state = copy.deepcopy(state or recorded())
        self.faults = []
        self.changes = []
        self.paths = []
        self.is_rest_enabled = True
        self.sends_date = False
        self._lock = threading.Lock()

    def __enter__(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                fake.answer(self)

            def log_message(self, *_):
                pass

            def send_response(self, code, message=None):
                self.send_response_only(code, message)
                if fake.sends_date:
                    self.send_header("Date", self.date_time_string())

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join(20)
        self._server.server_close()

    def answer(self, handler):
        with self._lock:
            self.paths.append(handler.path)
            while self.changes:
                self.changes.pop(0)(self.state)
            fault = self._fault(handler.path)
            status, payload = self._payload(handler)
        body = b"" if payload is None else json.dumps(payload).encode()
        kind, headers = "application/json; charset=utf-8", {}
        if fault == "drop":
            handler.close_connection = True
            handler.connection.close()
            return
        if fault == "login":
            status, body = 302, b""
            headers = {"Location": "/login?back_url=%2Fissues.json%3Fkey%3D"}
        elif fault == "html":
            status, kind, body = 200, "text/html", b"<html>Log in</html>"
        elif isinstance(fault, tuple):
            status, headers = fault
            body = b""
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if fault == "cut":
            handler.wfile.write(body[: len(body) // 2])
            handler.close_connection = True
            handler.connection.close()
            return
        with contextlib.suppress(ConnectionError):
            handler.wfile.write(body)

    def _fault(self, path):
        for i, (prefix, fault) in enumerate(self.faults):
            if path.startswith(prefix):
                del self.faults[i]
                return fault
        return None

    def _payload(self, handler):
        parts = urlsplit(handler.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path == "/users/current.json":
            if not self.is_rest_enabled:
                return 403, None
            if handler.headers.get("X-Redmine-API-Key") != self.key:
                return 401, None
            return 200, {"user": {"id": 1, "login": "admin", "api_key": self.key}}
        if found := re.fullmatch(r"/issues/(\d+)\.json", parts.path):
            return self._issue(int(found[1]), query)
        if parts.path == "/issues.json":
            rows = self._issues(query)
            rows.sort(key=lambda row: row["id"])
            return 200, paged("issues", rows, query)
        if parts.path == "/time_entries.json":
            rows = [
                row
                for row in self.state["time_entries"]
                if row["project"]["id"] in self._scope(query)
            ]
            return 200, paged("time_entries", rows, query)
        path = re.sub(r"/projects/([a-z]\w*)", self._number, parts.path)
        if path in self.state:
            payload = self.state[path]
            if path == "/projects.json":
                payload = paged("projects", payload["projects"], query)
            return (200, payload) if isinstance(payload, dict) else (payload, None)
        return 404, None

    def _number(self, found):
        for project in self.state["/projects.json"]["projects"]:
            if project["identifier"] == found[1]:
                return f"/projects/{project['id']}"
        return "/nowhere"

    def _scope(self, query):
        projects = self.state["/projects.json"]["projects"]
        if "project_id" not in query:
            return {project["id"] for project in projects}
        root = int(query["project_id"])
        below = {p["id"] for p in projects if p.get("parent", {}).get("id") == root}
        return {root} | below

    def _issue(self, number, query):
        row = self.state["issues"].get(number)
        if row is None:
            return 404, None
        if row == "hidden":
            return 403, None
        if query.get("include") != "journals":
            row = {k: v for k, v in row.items() if k != "journals"}
        return 200, {"issue": row}

    def _issues(self, query):
        scope = self._scope(query)
        rows = [
            row
            for number, row in self.state["list"].items()
            if row["project"]["id"] in scope
            and self.state["issues"][number] != "hidden"
        ]
        if query.get("status_id") != "*":
            rows = [row for row in rows if not row["status"]["is_closed"]]
        if "issue_id" in query:
            first = int(query["issue_id"].removeprefix(">="))
            rows = [row for row in rows if row["id"] >= first]
        if "updated_on" in query:
            since = query["updated_on"].removeprefix(">=")
            rows = [row for row in rows if row["updated_on"] >= since]
        return rows

    def change(self, number, at, user="Noor Example", **changes):
        """Change attributes of an issue, as a journal of Redmine would say."""
        issue, row = self.state["issues"][number], self.state["list"][number]
        details = []
        for name, (old, new) in changes.items():
            details.append(
                {"property": "attr", "name": name, "old_value": old, "new_value": new}
            )
        last = max((j["id"] for j in issue["journals"]), default=1000)
        issue["journals"].append(
            {
                "id": last + 1,
                "user": {"id": 6, "name": user},
                "notes": "",
                "created_on": at,
                "private_notes": False,
                "details": details,
            }
        )
        issue["updated_on"] = row["updated_on"] = at
        if "status_id" in changes:
            new = int(changes["status_id"][1])
            statuses = self.state["/issue_statuses.json"]["issue_statuses"]
            status = next(s for s in statuses if s["id"] == new)
            issue["status"] = row["status"] = status

    def delete(self, number):
        """Delete an issue."""
        del self.state["issues"][number]
        del self.state["list"][number]


def paged(name, rows, query):
    limit = min(int(query.get("limit", 25)), PAGE_SIZE)
    offset = int(query.get("offset", 0))
    return {
        name: rows[offset : offset + limit],
        "total_count": len(rows),
        "offset": offset,
        "limit": limit,
    }
