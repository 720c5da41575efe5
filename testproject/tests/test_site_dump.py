"""The whole site, dumped and loaded again: `loaddata -` leaves what Django leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.commands import loaddata
from django.db import connection, models
from wagtail.models import Page

pytestmark = pytest.mark.django_db


def tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def empty() -> None:
    names = ", ".join(f'"{model._meta.db_table}"' for model in tables())
    with connection.cursor() as cursor:
        # PostgreSQL empties no table of which something is still to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {names}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    ContentType.objects.clear_cache()


def checksums() -> dict[str, str]:
    """Return a checksum of each table, but for keys that no dump holds."""
    sums = {}
    with connection.cursor() as cursor:
        for model in tables():
            columns = ", ".join(
                f'"{field.column}"'
                for field in model._meta.local_concrete_fields
                if not (model._meta.auto_created and field.primary_key)
            )
            table = model._meta.db_table
            cursor.execute(
                "SELECT count(*) || md5(string_agg(t::text, ';' ORDER BY t::text))"
                f' FROM (SELECT {columns} FROM "{table}") AS t'
            )
            [(sums[table],)] = cursor.fetchall()
    return sums


@pytest.fixture(params=["json", "yaml"])
def dump(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"site.{request.param}"
    call_command(
        "dumpdata", natural_foreign=True, format=request.param, output=str(path)
    )
    return path


@pytest.fixture
def load(dump: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def run(*options: str) -> None:
        with dump.open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            call_command("loaddata", "-", *options)

    return run


def test_the_dump_of_the_site_becomes_what_django_makes_of_it(
    dump: Path, load: Callable[..., None]
) -> None:
    empty()
    call_command(loaddata.Command(), str(dump), verbosity=0)
    expected = checksums()
    empty()

    load()

    assert checksums() == expected
    assert Page.objects.count() > 30


def test_what_was_loaded_is_not_written_again(
    load: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    load()  # JSON has no microseconds.
    capsys.readouterr()

    load("--dry-run", "--diff")

    changes, _, rest = capsys.readouterr().out.partition("Dry run: ")
    lines = changes.splitlines()
    assert len(lines) > 20
    assert [line for line in lines if ": 0 created, 0 updated, " not in line] == []
    assert "nothing was kept" in rest
