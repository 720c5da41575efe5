from __future__ import annotations

import io
import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import connections


@pytest.fixture
def other_database(settings):
    """A second alias whose address the test chooses."""

    def point_at(**changes):
        connections.databases["other"] = {**settings.DATABASES["default"], **changes}

    connections.databases  # noqa: B018 - fills the settings with their defaults
    yield point_at
    if "other" in connections.databases:
        connections["other"].close()
        del connections["other"]
        del connections.databases["other"]


@pytest.fixture
def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def wait(django_db_blocker):
    def run(database, stderr=None, **options):
        output = io.StringIO()
        options = {"stdout": output, "stderr": stderr or output, **options}
        with django_db_blocker.unblock():
            call_command("wait_for_database", database=database, **options)
        return output.getvalue()

    return run


@pytest.mark.django_db
def test_a_database_that_answers_is_said_to(wait):
    assert wait("default").startswith("database 'default' answers after 0.")


def test_a_dead_port_is_one_line_with_the_cure(wait, other_database, closed_port):
    other_database(PORT=closed_port, HOST="127.0.0.1")

    with pytest.raises(CommandError) as caught:
        wait("other", timeout=0)

    message = str(caught.value)
    assert "did not answer within 0 s" in message
    assert "check DATABASE_URL" in message
    assert str(closed_port) in message
    assert "\n" not in message


def test_a_database_that_comes_up_meanwhile_is_waited_for(
    wait, other_database, closed_port, settings
):
    class ComesUpWhenWaitedFor(io.StringIO):
        def write(self, text):
            port = settings.DATABASES["default"]["PORT"]
            connections["other"].settings_dict["PORT"] = port
            return super().write(text)

    other_database(PORT=closed_port, HOST="127.0.0.1")
    stderr = ComesUpWhenWaitedFor()

    assert "'other' answers after" in wait("other", stderr, timeout=60)
    assert stderr.getvalue().count("waiting for database 'other'") == 1


def test_an_unknown_alias_is_refused(wait):
    with pytest.raises(CommandError, match="has no 'elsewhere'"):
        wait("elsewhere")


def test_settings_without_an_engine_are_refused_at_once(wait, other_database):
    other_database(ENGINE="django.db.backends.dummy")

    with pytest.raises(CommandError, match="improperly configured"):
        wait("other", timeout=60)
