"""Servers that run already: asked for by the variables of libpq, as psql would."""

from __future__ import annotations

import pytest

from dev_services.declare.declaration import Declaration
from dev_services.plan import Plan
from dev_services.provide import postgresql, provide
from dev_services.servers import local
from dev_services.servers.local import local_redis
from tests.drivers import ask


@pytest.fixture
def local_server(server, monkeypatch, tmp_path):
    """The server of the session at libpq's address, its password in libpq's file."""
    host, _, port = server.url().rpartition("@")[2].partition("/")[0].partition(":")
    password = server.url().rpartition("@")[0].rpartition(":")[2]
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:fieldkit:{password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    return {"PGHOST": host, "PGPORT": port}


def plan_for(name, environ, **options):
    return Plan(("postgresql",), environ, None, Declaration(name=name), **options)


def test_a_local_server_with_the_declared_database_is_used(local_server):
    found, start = provide(plan_for("fieldkit", local_server))

    assert start is None
    assert "@127.0.0.1:" in found["DATABASE_URL"]
    assert ask(found["DATABASE_URL"], "SELECT current_database()") == "fieldkit"


def test_a_local_server_without_the_database_is_left_alone(local_server):
    choice = postgresql.choose(plan_for("somebody-elses", local_server))

    assert choice.provider == "embedded"
    assert "local" in {rejection.provider for rejection in choice.rejected}


def test_a_run_that_is_thrown_away_uses_no_local_server(local_server):
    plan = plan_for("fieldkit", local_server, throw_away=True)

    assert postgresql.choose(plan).provider == "embedded"


def test_without_a_declaration_no_local_server_is_touched(local_server):
    assert postgresql.choose(Plan(("postgresql",), local_server)).provider == "embedded"


def test_a_server_of_another_version_is_used_with_a_warning(
    local_server, capsys, tmp_path
):
    declared = Declaration(
        tmp_path / "dev_services.yaml", "fieldkit", {"postgresql": 15}
    )

    provide(Plan(("postgresql",), local_server, None, declared))

    said = capsys.readouterr().err
    assert "warning: PostgreSQL is 18." in said
    assert "dev_services.yaml declares 15" in said


def test_where_no_redis_runs_the_reason_is_told(monkeypatch):
    monkeypatch.setattr(local, "REDIS_URL", "redis://127.0.0.1:1/0")

    assert local_redis().why == "Connection refused"
