from __future__ import annotations

import pytest

from ixdjango.environment import database_settings, database_url, mask, search_urls
from ixdjango.exceptions import EnvironmentContractError

URL = "postgresql://u:s3cret@db:5432/site"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DB_DEFAULT_URL"])
def test_either_name_gives_the_database(name):
    assert database_url({name: URL}) == URL


@pytest.mark.parametrize("environ", [{}, {"DATABASE_URL": ""}])
def test_unset_and_empty_name_no_database(environ):
    assert database_settings(environ) == {}


def test_two_different_databases_are_an_error_without_their_passwords():
    with pytest.raises(EnvironmentContractError) as caught:
        database_url({"DATABASE_URL": URL, "DB_DEFAULT_URL": URL + "2"})

    assert "DB_DEFAULT_URL" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("mysql://u:s3cret@h/d", id="other scheme"),
        pytest.param("s3cret", id="no scheme"),
        pytest.param("postgresql://u:s3cret@h:no/d", id="port in words"),
        pytest.param("postgresql://u:s3cret@[::1/d", id="open bracket"),
    ],
)
def test_an_unusable_url_is_one_line_without_its_password(url):
    with pytest.raises(EnvironmentContractError) as caught:
        database_settings({"DATABASE_URL": url})

    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_carry_a_percent_encoded_password_and_a_socket():
    url = "postgres://u:p%40ss@%2Frun%2Fpg/site"

    settings = database_settings({"DATABASE_URL": url})["default"]

    assert (settings["HOST"], settings["PASSWORD"]) == ("/run/pg", "p@ss")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at postgres://u:p@h/d now", "at postgres://u:***@h/d now"),
        ("postgres://u:p@ss:w/x@h/d", "postgres://u:***@h/d"),
        (
            "postgres://h/d?user=u&password=p:w&a=b",
            "postgres://h/d?user=u&password=***&a=b",
        ),
        ("postgres://u:p@h/d?password=q", "postgres://u:***@h/d?password=***"),
        ("http://h:9200", "http://h:9200"),
    ],
)
def test_mask_hides_passwords_only(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("environ", "urls"),
    [
        ({}, ()),
        ({"ELASTICSEARCH_URL": "http://a:1, http://b:2"}, ("http://a:1", "http://b:2")),
        ({"ELASTICSEARCH_URLS": "http://a:1|http://b:2"}, ("http://a:1", "http://b:2")),
        ({"ELASTICSEARCH_URLS": ""}, ()),
    ],
)
def test_search_urls_of_both_spellings(environ, urls):
    assert search_urls(environ) == urls
