from __future__ import annotations

import doctest

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from ixdjango import http
from ixdjango.http import (
    flat_auth_header_val_to_data,
    flat_header_val_to_dict,
    flatten_auth_header,
    flatten_request_header,
    querydict_to_dict,
    remote_addr_from_request,
)

PROXIES = ["10.0.0.0/8", "2001:db8::/32"]


def test_the_examples_of_the_docstrings():
    assert doctest.testmod(http).failed == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=1&a=2&b=", {"a": ["1", "2"], "b": ""}),
    ],
)
def test_a_query_string_is_a_plain_dictionary(query, expected):
    assert querydict_to_dict(QueryDict(query)) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param("192.0.2.1", "", "192.0.2.1", id="no proxy"),
        pytest.param("192.0.2.1", "198.51.100.9", "192.0.2.1", id="spoofed, no proxy"),
        pytest.param("10.0.0.1", "192.0.2.1", "192.0.2.1", id="one proxy"),
        pytest.param("10.0.0.1", "1.1.1.1, 192.0.2.1", "192.0.2.1", id="spoofed entry"),
        pytest.param("10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1", id="two proxies"),
        pytest.param("10.0.0.1", "10.0.0.3", "10.0.0.3", id="only proxies"),
        pytest.param("10.0.0.1", "192.0.2.1:4711", "192.0.2.1", id="port"),
        pytest.param("10.0.0.1", "[2001:db9::1]:80", "2001:db9::1", id="IPv6 and port"),
        pytest.param("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1", id="mapped proxy"),
        pytest.param("10.0.0.1", "192.0.2.1, unknown", "10.0.0.1", id="no address"),
        pytest.param("", "192.0.2.1", "192.0.2.1", id="Unix socket"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="empty header"),
    ],
)
def test_only_trusted_proxies_say_who_the_client_is(peer, forwarded, client):
    request = RequestFactory().get(
        "/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded}
    )

    assert remote_addr_from_request(request, PROXIES) == client


def test_without_the_setting_no_proxy_is_trusted(settings):
    request = RequestFactory().get("/", headers={"x-forwarded-for": "192.0.2.1"})
    assert remote_addr_from_request(request) == "127.0.0.1"

    settings.IXDJANGO_TRUSTED_PROXIES = ["127.0.0.1"]
    assert remote_addr_from_request(request) == "192.0.2.1"


def test_a_proxy_that_is_no_network_and_a_missing_request_are_errors():
    with pytest.raises(ImproperlyConfigured, match=r"write '10\.0\.0\.7'"):
        remote_addr_from_request(RequestFactory().get("/"), ["nginx"])
    with pytest.raises(TypeError, match="expected a request, got NoneType"):
        remote_addr_from_request(None)


KEYS = st.text("abcXYZ-_09", min_size=1)
VALUES = st.text().filter(lambda text: not set(text) & set("\r\n\0"))


@given(st.dictionaries(KEYS, VALUES | st.lists(VALUES, min_size=2)))
def test_parameters_come_back_as_they_went(parameters):
    assert flat_header_val_to_dict(flatten_request_header(parameters)) == parameters


@given(st.dictionaries(KEYS, VALUES, min_size=1), KEYS)
def test_an_authorization_comes_back_with_its_scheme(parameters, scheme):
    header = flatten_auth_header(parameters, scheme)

    assert flat_auth_header_val_to_data(header) == (parameters, scheme)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1, b = 2", {"a": "1", "b": "2"}),
        ('a="x,y",b="1=2"', {"a": "x,y", "b": "1=2"}),
        ("a=1,a=2,a=3", {"a": ["1", "2", "3"]}),
        ("", {}),
        ("no parameters", {}),
        ('a="open', {}),
        ("a=1,,b=2", {}),
    ],
)
def test_headers_of_others_are_read(header, expected):
    assert flat_header_val_to_dict(header) == expected


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\0b"])
def test_a_value_that_would_begin_another_header_is_refused(value):
    with pytest.raises(ValueError, match="holds a line break"):
        flatten_request_header({"a": value})


def test_what_is_no_mapping_is_text():
    assert flatten_request_header("as it is") == "as it is"
