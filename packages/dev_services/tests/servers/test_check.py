from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dev_services.choose.facts import embedded_wheel
from dev_services.exceptions import ServiceError
from dev_services.servers import check
from dev_services.servers.check import Address, postgresql_version

WAYS = ["driver", "psql"]
SECRET = "s3cret"


def address(url: str) -> Address:
    return Address.of({"DATABASE_URL": url})


@pytest.fixture(params=WAYS)
def programs(request, monkeypatch) -> Path | None:
    if request.param == "driver":
        return None
    without_drivers(monkeypatch)
    return embedded_wheel().programs


def without_drivers(monkeypatch):
    find = check.util.find_spec
    monkeypatch.setattr(
        check.util, "find_spec", lambda name: None if "psycopg" in name else find(name)
    )


def test_a_working_address_gives_the_version(server, programs):
    assert postgresql_version(address(server.url()), programs).startswith("18.")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            lambda url: url.replace(
                ":" + url.split(":")[2].split("@")[0], f":{SECRET}"
            ),
            r"password authentication failed .*; check the user and the password",
            id="wrong password",
        ),
        pytest.param(
            lambda url: url.removesuffix("fieldkit") + "nowhere",
            r'database "nowhere" does not exist\); create it, or correct the name',
            id="missing database",
        ),
        pytest.param(
            lambda url: f"postgresql://u:{SECRET}@127.0.0.1:1/db",
            r"127\.0\.0\.1:1 .*Connection refused\); start the server there",
            id="dead port",
        ),
        pytest.param(
            lambda url: f"postgresql://u:{SECRET}@nowhere.invalid/db",
            r"nowhere\.invalid:5432 .*; correct the host",
            id="unknown host",
        ),
        pytest.param(
            lambda url: f"postgresql://u:{SECRET}@%2Fnowhere/db",
            r"/nowhere:5432 .*; start the server there, or correct the path",
            id="dead socket",
        ),
        pytest.param(
            lambda url: f"{url}?sslmode=require",
            r"SSL.*; correct sslmode",
            id="no SSL",
        ),
    ],
)
def test_an_address_that_does_not_work_is_one_line_with_the_cure(
    server, programs, change, says
):
    url = change(server.url())

    with pytest.raises(ServiceError, match=says) as caught:
        postgresql_version(address(url), programs)

    assert "\n" not in str(caught.value)
    assert url.split(":")[2].split("@")[0] not in str(caught.value)


def test_without_driver_and_psql_a_listener_is_enough(server, monkeypatch):
    without_drivers(monkeypatch)

    assert postgresql_version(address(server.url()), None) is None


def test_without_driver_and_psql_a_dead_port_is_found(monkeypatch):
    without_drivers(monkeypatch)

    with pytest.raises(ServiceError, match="Connection refused"):
        postgresql_version(address("postgresql://u:p@127.0.0.1:1/db"), None)


def test_without_driver_and_psql_a_socket_is_enough(ground, monkeypatch):
    without_drivers(monkeypatch)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{ground}/.s.PGSQL.5432")
        listener.listen()

        host = str(ground).replace("/", "%2F").replace(" ", "%20")
        assert postgresql_version(address(f"postgresql://u@{host}/db"), None) is None


def test_options_of_django_are_not_handed_to_the_driver():
    keywords = address("postgresql://u@h/db?sslmode=require&pool=true").keywords

    assert keywords == {"host": "h", "user": "u", "dbname": "db", "sslmode": "require"}


def test_an_address_shows_no_password():
    shown = address(f"postgresql://u:{SECRET}@h:7/db?password={SECRET}")

    assert shown.url == "postgresql://u@h:7/db"
    assert SECRET not in f"{shown} {shown!r}"
