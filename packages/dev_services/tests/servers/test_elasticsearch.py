from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev_services.exceptions import EnvironmentContractError, ServiceError
from dev_services.explain import as_json
from dev_services.plan import Plan
from dev_services.provide import provide, reports
from dev_services.servers.search_http import (
    SearchAddress,
    search_version,
    wait_until_ready,
)

ELASTICSEARCH = ("elasticsearch",)
RUN = ("run", "--services", "elasticsearch", "--", sys.executable, "-c")
TELL = "import os; print(os.environ.get('ELASTICSEARCH_URL'))"


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's server: it answers every path as the test says."""

    answers: dict[str, tuple[int, str]]

    def do_GET(self):
        status, body = self.answers.get(self.path.partition("?")[0], (404, ""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    """Start a server for given answers and return its address with a password."""
    servers = []

    def start(**answers):
        paths = {f"/{name.strip('_')}": answer for name, answer in answers.items()}
        handler = type("Answers", (Elsewhere,), {"answers": paths})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        return f"http://elastic:s3cret@127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def plan(url, **environ):
    return Plan(ELASTICSEARCH, {"ELASTICSEARCH_URL": url, **environ})


def version_answer(number):
    return (200, json.dumps({"version": {"number": number}}))


def test_an_address_shows_no_password():
    address = SearchAddress.of("https://elastic:s3%40cret@es.example/prefix/")

    assert address.url == "https://elastic@es.example:443/prefix"
    assert "s3" not in f"{address} {address!r}"
    assert address.credentials == "elastic:s3@cret"


@pytest.mark.parametrize(
    "url",
    [
        "es.example:9200",
        "s3cret",
        "ftp://u:s3cret@es.example",
        "http://u:s3cret@es.example:port",
        "http://elastic:s3cret",
        "http://elastic:12/s3cret@es.example",
        "http://elastic:12#s3cret@es.example",
        "http:/elastic:s3cret@es.example",
        "http://",
    ],
)
def test_an_unusable_address_is_one_line_with_the_form_to_write(url):
    with pytest.raises(EnvironmentContractError, match="write http://USER") as caught:
        SearchAddress.of(url)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "version"),
    [
        ({"_": version_answer("9.2.0")}, "9.2.0"),
        ({"_": (200, "{}")}, None),
        ({"_": (200, "[]")}, None),
        ({"_": (200, "no JSON")}, None),
    ],
)
def test_the_version_is_what_the_server_says_it_is(elsewhere, answers, version):
    assert search_version(SearchAddress.of(elsewhere(**answers))) == version


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"_": (401, "")}, "HTTP 401: wrong user or password"),
        ({"_": (403, "")}, "HTTP 403: wrong user or password"),
        ({"_": (500, "")}, "HTTP 500"),
        ({}, "HTTP 404"),
    ],
)
def test_a_server_that_refuses_is_one_line_with_the_cure(elsewhere, answers, says):
    with pytest.raises(
        ServiceError, match=f"{says}.*unset ELASTICSEARCH_URL"
    ) as caught:
        search_version(SearchAddress.of(elsewhere(**answers)))

    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_dead_port_is_one_line_with_the_cure():
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:1 .*Connection refused"):
        search_version(SearchAddress.of("http://127.0.0.1:1"))


def test_a_server_that_stays_red_is_not_ready(elsewhere):
    address = SearchAddress.of(elsewhere(_cluster_health=(200, "")))

    with pytest.raises(ServiceError, match="is not ready in time: HTTP 404"):
        wait_until_ready(address, timeout_s=0)
    with pytest.raises(ServiceError, match="is not ready in time: Connection refused"):
        wait_until_ready(SearchAddress.of("http://127.0.0.1:1"), timeout_s=0)


@pytest.fixture
def client_9(plot, monkeypatch):
    info = plot / "elasticsearch-9.2.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Name: elasticsearch\nVersion: 9.2.0\n")
    monkeypatch.syspath_prepend(plot)


def test_a_server_of_the_clients_major_version_is_used(elsewhere, client_9):
    url = elsewhere(_=version_answer("9.5.0"))

    assert provide(plan(url)) == ({"ELASTICSEARCH_URL": url}, None)


def test_a_server_of_another_major_version_names_the_client_to_install(
    elsewhere, client_9
):
    url = elsewhere(_=version_answer("8.19.1"))

    with pytest.raises(ServiceError, match=r"8\.19\.1.*'elasticsearch>=8,<9'"):
        provide(plan(url))


def test_explain_knows_the_major_version_of_a_server_that_is_set(elsewhere, client_9):
    explained = json.loads(as_json(reports(plan(elsewhere(_=version_answer("9.5.0"))))))

    assert explained["elasticsearch"]["major"] == 9
    assert explained["elasticsearch"]["running"] is True
    assert "s3cret" not in explained["elasticsearch"]["address"]


def test_explain_knows_the_major_version_that_the_client_lacks(elsewhere, client_9):
    (report,) = reports(plan(elsewhere(_=version_answer("8.19.1"))))

    assert report.major == 8
    assert "'elasticsearch>=8,<9'" in report.problem


def test_explain_tells_why_a_server_that_is_set_cannot_be_used():
    (report,) = reports(plan("http://127.0.0.1:1"))

    assert not report.running
    assert report.major is None
    assert "Connection refused" in report.problem


@pytest.fixture
def without_maven(command_line, plot):
    command_line.environ["PATH"] = str(plot)
    return command_line


def test_without_elasticsearch_one_line_says_that_the_database_searches(without_maven):
    ended = without_maven(*RUN, TELL)

    assert (ended.returncode, ended.stdout) == (0, "None\n")
    assert ended.stderr.startswith("no Elasticsearch, search runs on the database (")
    assert ended.stderr.count("\n") == 1


def test_without_elasticsearch_ci_fails(without_maven):
    without_maven.environ["CI"] = "true"

    ended = without_maven(*RUN, TELL)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: CI=true and there is no Elasticsearch (")
