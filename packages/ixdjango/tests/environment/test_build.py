from __future__ import annotations

import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.signals import request_started

from ixdjango.checks import check_settings
from ixdjango.environment import read_environment
from ixdjango.environment.build import refuse_requests


@pytest.fixture
def built(settings):
    settings.IXDJANGO_BUILD_MODE = True
    yield
    request_started.disconnect(dispatch_uid="ixdjango.build")


def test_an_image_is_built_without_a_service_and_without_a_secret(environ):
    environ(IXDJANGO_BUILD="1", DATABASE_URL=None, DJANGO_SECRET_KEY=None)

    found = read_environment()

    assert found.is_build
    assert found.databases["default"]["ENGINE"] == "django.db.backends.dummy"
    assert found.secret_key


def test_a_deploy_refuses_the_settings_of_a_build(built, settings):
    settings.IXDJANGO_DEPLOY_STEPS = ["check"]

    with pytest.raises(CommandError, match="unset IXDJANGO_BUILD to serve") as caught:
        call_command("deploy", stdout=io.StringIO())

    assert caught.value.returncode == 2


@pytest.mark.django_db  # Other receivers close connections.
def test_a_server_refuses_every_request(built):
    refuse_requests()

    with pytest.raises(ImproperlyConfigured, match="unset IXDJANGO_BUILD"):
        request_started.send(object)


def test_checks_find_the_settings_of_a_build(built):
    assert [error.id for error in check_settings()] == ["ixdjango.E005"]


def test_other_settings_are_served(settings):
    refuse_requests()

    assert not any(
        "ixdjango.build" in str(each[0]) for each in request_started.receivers
    )
