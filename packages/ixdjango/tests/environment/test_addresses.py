from __future__ import annotations

import pytest

from ixdjango.environment import database_settings, database_url, search_urls
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
        pytest.param("postgresql://u:s3cret", id="no host"),
        pytest.param("postgresql://u:a/s3cret@h/d", id="slash in the password"),
        pytest.param("postgresql://u:12/s3cret@h/d", id="slash after digits"),
        pytest.param("postgresql://u:12?s3cret@h/d", id="question mark"),
        pytest.param("postgresql://u:12#s3cret@h/d", id="hash"),
        pytest.param("postgresql:/u:s3cret@h/d", id="one slash"),
        pytest.param("postgresql:///u:s3cret@h/d", id="three slashes"),
        pytest.param("postgresql://u:s3 cret@h:x/d", id="space"),
        pytest.param("postgresql://h:x/d?sslpassword=s3cret", id="other password"),
        pytest.param("s3cret://h/d", id="secret for a scheme"),
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
