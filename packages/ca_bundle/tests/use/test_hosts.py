from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bundle.exceptions import HostNameError
from ca_bundle.use.hosts import Host, find_for_url, parse_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("api.example.com", Host("api.example.com")),
        ("API.Example.COM.", Host("api.example.com")),
        ("api.example.com:8443", Host("api.example.com", 8443)),
        ("127.0.0.1:80", Host("127.0.0.1", 80)),
        ("::1", Host("::1")),
        ("[2001:DB8::1]:8443", Host("2001:db8::1", 8443)),
        ("[0:0:0:0:0:0:0:1]:8443", Host("::1", 8443)),
        ("0:0::1", Host("::1")),
        ("bücher.example", Host("xn--bcher-kva.example")),
    ],
)
def test_a_host_with_or_without_a_port(text, host):
    assert parse_host(text) == host
    assert parse_host(str(host)) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "https://api.example.com",
        "api.example.com/jobs",
        "*.example.com",
        "user@api.example.com",
        "api.example.com:https",
        "api.example.com:0",
        "api.example.com:99999",
        "api.example.com:",
        "[::1",
        "a b",
        " api.example.com",
    ],
)
def test_what_is_not_a_host_is_told_in_one_line(text):
    with pytest.raises(HostNameError, match="is not a host") as caught:
        parse_host(text)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_host_or_refused(text):
    try:
        host = parse_host(text)
    except HostNameError:
        return
    assert host.name


VALUES = {
    Host("api.example.com"): "any",
    Host("api.example.com", 8443): "one",
    Host("::1"): "loopback",
}


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://api.example.com/", "any"),
        ("https://API.example.com./", "any"),
        ("https://api.example.com:444/x", "any"),
        ("https://user:pw@api.example.com:8443/", "one"),
        ("http://api.example.com/", None),
        ("https://api.example.com.evil.example/", None),
        ("https://api.example.com@evil.example/", None),
        ("https://evil.example/api.example.com", None),
        ("https://sub.api.example.com/", None),
        ("https://[0:0:0:0:0:0:0:1]/", "loopback"),
        ("https:///", None),
    ],
)
def test_a_url_gets_the_value_of_its_own_host(url, value):
    assert find_for_url(VALUES, url) == value
