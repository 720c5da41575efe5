from __future__ import annotations

import logging
import traceback

import pytest

from redmine_analytics import RedmineSource
from redmine_analytics.exceptions import (
    KeyRefusedError,
    NotRedmineError,
    SourceError,
    UnreachableError,
)
from redmine_analytics.read.client import Client, Key
from tests.redmine.fake import FakeRedmine

KEY = FakeRedmine.key


def client(url, **options):
    return Client(
        url, KEY, **{"backoff_s": 0, "timeout_s": 20, "retries": 2, **options}
    )


@pytest.mark.parametrize(
    "fault",
    [
        "drop",
        "cut",
        (429, {"Retry-After": "0"}),
        (503, {"Retry-After": "0"}),
        (502, {}),
        (500, {}),
    ],
)
def test_a_request_that_fails_twice_is_sent_again(fake, fault):
    fake.faults = [("/projects", fault)] * 2

    answer = client(fake.url).get("/projects.json")

    assert len(answer.payload["projects"]) == 3
    assert len(fake.paths) == 3


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("drop", "no usable answer"),
        ("cut", "no usable answer"),
        ((503, {}), "still answers 503 after all retries"),
        ((429, {"Retry-After": "0"}), "still answers 429 after all retries"),
        ((503, {"Retry-After": "3600"}), "asks to wait 3600 s"),
    ],
)
def test_a_server_that_goes_on_failing_is_an_error_of_one_line(fake, fault, says):
    fake.faults = [("/projects", fault)] * 3

    with pytest.raises(UnreachableError, match=says) as caught:
        client(fake.url).get("/projects.json")

    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there_is_an_error_of_one_line():
    with pytest.raises(UnreachableError, match=r"no usable answer: .*refused"):
        client("http://127.0.0.1:1", retries=0).get("/projects.json")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("login", "redirect to the login page: the key was not used"),
        ((301, {"Location": "https://new.example/x?a=b"}), "https://new.example/x;"),
        ("html", "answered text/html instead of Redmine's JSON"),
        ((418, {}), "answered 418, which Redmine does not"),
    ],
)
def test_an_answer_that_is_not_redmines_is_refused(fake, fault, says):
    fake.faults = [("/projects", fault)]

    with pytest.raises(NotRedmineError, match=says) as caught:
        client(fake.url).get("/projects.json")

    assert "back_url" not in str(caught.value)


def test_a_redirect_does_not_take_the_key_to_another_address(fake):
    with FakeRedmine() as other:
        fake.faults = [("/projects", (307, {"Location": f"{other.url}/projects.json"}))]

        with pytest.raises(NotRedmineError, match="give that address"):
            client(fake.url).get("/projects.json")

        assert other.paths == []


@pytest.mark.parametrize(
    "url",
    [
        "https://redmine.example/issues.csv?query_id=111&key=s3cret",
        "https://maya:s3cret@redmine.example",
    ],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(url):
    with pytest.raises(SourceError, match=r"give https://redmine\.example") as caught:
        RedmineSource(url, key=KEY)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["redmine.example", "ftp://redmine.example", "", "https://"]
)
def test_what_is_not_an_address_is_refused(url):
    with pytest.raises(SourceError, match="is not the address of a Redmine"):
        RedmineSource(url, key=KEY)


@pytest.mark.parametrize("key", ["", "two words", "new\nline", "clé"])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(key):
    with pytest.raises(KeyRefusedError, match="My account") as caught:
        Client("https://redmine.example", key)

    assert not key or key not in str(caught.value)


def test_no_repr_shows_the_key(fake, tmp_path):
    source = RedmineSource(fake.url, key=KEY, cache=tmp_path / "cache")

    shown = [repr(Key(KEY)), repr({"key": Key(KEY)}), repr(source), repr(vars(source))]
    shown.append(repr(client(fake.url)))

    assert KEY not in "".join(shown)
    assert "'***'" in shown[0]


@pytest.mark.parametrize("fault", ["drop", "login", (503, {})])
def test_the_key_is_in_no_traceback_with_variables_and_no_log(fake, caplog, fault):
    fake.faults = [("/users", fault)] * 3

    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(Exception, match="http") as caught,
    ):
        client(fake.url).get("/users/current.json", may_be_absent=True)

    shown = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    ).format()
    assert KEY not in "".join(shown)
    assert KEY not in caplog.text
    assert not any(KEY in path for path in fake.paths)


def test_the_proxy_of_the_environment_is_used(fake, monkeypatch):
    monkeypatch.setenv("http_proxy", fake.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    client("http://redmine.example", retries=0).get(
        "/issues/1.json", may_be_absent=True
    )

    assert fake.paths == ["http://redmine.example/issues/1.json"]


def test_a_file_of_authorities_that_is_not_there_is_named():
    with pytest.raises(SourceError, match=r"missing\.pem: cannot be used as ca_file"):
        Client("https://redmine.example", KEY, ca_file="missing.pem")


def test_a_traceback_with_variables_can_be_shown_for_a_refused_address():
    with pytest.raises(SourceError) as caught:
        RedmineSource("https://redmine.example/#key=s3cret", key=KEY)

    shown = traceback.TracebackException(
        caught.type, caught.value, caught.tb, capture_locals=True
    )
    text = "".join(shown.format())
    assert "self = RedmineSource('')" in text
    assert KEY not in text.partition("in __init__")[2]


def test_no_request_at_a_time_is_refused_and_does_not_wait_for_ever():
    with pytest.raises(SourceError, match="concurrency 0: give 1 or more"):
        client("https://redmine.example", concurrency=0)
