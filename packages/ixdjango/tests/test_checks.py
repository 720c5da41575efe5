from __future__ import annotations

import pytest

from ixdjango.checks import check_settings


def ids():
    return [error.id for error in check_settings()]


def test_a_site_without_our_settings_has_nothing_to_mend():
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("IXDJANGO_TRUSTED_PROXIES", ["nginx"], "ixdjango.E002"),
        ("IXDJANGO_TRUSTED_PROXIES", 7, "ixdjango.E002"),
        ("IX_FIXTURES", [1], "ixdjango.E003"),
        ("IX_FIXTURES", {"a": 1}, "ixdjango.E003"),
        ("NGINX_STATIC_DIR", "/srv/static/all", "ixdjango.E004"),
    ],
)
def test_a_setting_that_cannot_be_used_is_found(settings, name, value, number):
    settings.STATIC_ROOT = "/srv/static"
    setattr(settings, name, value)

    assert ids() == [number]


def test_settings_that_can_be_used_are_silent(settings):
    settings.STATIC_ROOT = "/srv/collected"
    settings.NGINX_STATIC_DIR = "/srv/static"
    settings.IXDJANGO_TRUSTED_PROXIES = ["10.0.0.0/8", "::1"]
    settings.IX_FIXTURES = "one"

    assert ids() == []
