"""Rows that a database keeps as they are without an error."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ManyObjectsError,
    ObjectIntegrityError,
)

from .test_load import one
from .test_modes import loaded, names
from .testapp.models import Author

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])
KEPT = "its row keeps the old values: a trigger or a row security policy"


def execute(using, *statements):
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def ignore():
    """Let a trigger ignore what is done to the authors with a key above 1."""

    def create(using, what):
        old = "new" if what == "INSERT" else "old"
        if using == "sqlite":
            execute(
                using,
                f"CREATE TRIGGER ignoring BEFORE {what} ON testapp_author"
                f" WHEN {old}.id > 1 BEGIN SELECT RAISE(IGNORE); END",
            )
            return
        execute(
            using,
            "CREATE FUNCTION ignoring() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$",
            f"CREATE TRIGGER ignoring BEFORE {what} ON testapp_author FOR EACH ROW"
            f" WHEN ({old}.id > 1) EXECUTE FUNCTION ignoring()",
        )

    return create


@pytest.fixture
def authors():
    """Three authors, and what changes them."""

    def create(using):
        for n in (1, 2, 3):
            Author.objects.using(using).create(pk=n, name=f"old{n}")
        return [one("author", n, name=f"new{n}") for n in (1, 2, 3)]

    return create


@both
def test_a_trigger_that_ignores_an_update_is_no_success(using, authors, ignore):
    objects = authors(using)
    ignore(using, "UPDATE")

    with pytest.raises(ObjectIntegrityError, match=rf"object 2 .*pk=2\): {KEPT}"):
        loaded(objects, using)
    assert names(using) == {1: "old1", 2: "old2", 3: "old3"}


@both
def test_every_row_that_keeps_its_values_is_named_once(using, authors, ignore):
    objects = [*authors(using), one("author", 4, name="new1")]
    ignore(using, "UPDATE")

    with pytest.raises(ManyObjectsError) as caught:
        loaded(objects, using, most_errors=9)

    first, second, clash = caught.value.errors
    assert "object 2 " in first
    assert "object 3 " in second
    assert "object 4 " in clash


@both
def test_rows_that_are_as_they_should_be_need_no_update(using, authors, ignore):
    authors(using)
    ignore(using, "UPDATE")

    report = loaded([one("author", 2, name="old2"), one("author", 4, name="x")], using)

    counts = report.of("testapp.author")
    assert (counts.created, counts.updated, counts.unchanged) == (1, 0, 1)


@both
def test_what_a_trigger_leads_elsewhere_is_created(using, ignore):
    ignore(using, "INSERT")

    report = loaded([one("author", n, name=f"a{n}") for n in (1, 2)], using)

    counts = report.of("testapp.author")
    assert (counts.created, counts.updated, counts.unchanged) == (2, 0, 0)
    assert names(using) == {1: "a1"}


def test_values_that_a_trigger_changes_are_no_reason_to_refuse_a_row(authors):
    objects = authors("default")
    objects[1]["fields"]["name"] = "x" * 101
    execute(
        "default",
        "CREATE FUNCTION louder() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$",
        "CREATE TRIGGER louder BEFORE UPDATE ON testapp_author FOR EACH ROW"
        " EXECUTE FUNCTION louder()",
        "ALTER TABLE testapp_author ADD CHECK (name <> 'NEW3')",
    )

    with pytest.raises(ManyObjectsError) as caught:
        loaded(objects, "default", most_errors=9)

    assert ["object 2 " in line for line in caught.value.errors] == [True, False]
    assert "object 3 " in caught.value.errors[1]


@pytest.fixture
def policed(authors):
    """Be a role that may update and delete but one row."""
    objects = authors("default")
    with connection.cursor() as cursor:
        execute(
            "default",
            "CREATE ROLE policed",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO policed",
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO policed",
            "ALTER TABLE testapp_author ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY reading ON testapp_author FOR SELECT USING (true)",
            "CREATE POLICY adding ON testapp_author FOR INSERT WITH CHECK (true)",
            "CREATE POLICY changing ON testapp_author FOR UPDATE USING (id <> 1)",
            "CREATE POLICY removing ON testapp_author FOR DELETE USING (id <> 2)",
            "SET ROLE policed",
        )
        yield objects
        cursor.execute("RESET ROLE")


def test_a_policy_that_hides_a_row_from_updates_is_named(policed):
    with pytest.raises(ObjectIntegrityError, match=rf"object 1 .*pk=1\): {KEPT}"):
        loaded(policed, "default")


@both
@pytest.mark.parametrize("most_errors", [1, 9])
def test_rows_that_a_trigger_keeps_from_being_deleted_are_counted(
    using, authors, ignore, most_errors
):
    objects = [*authors(using), *(one("author", n, name=f"{n}") for n in range(4, 903))]
    loaded(objects, using)
    ignore(using, "DELETE")

    with pytest.raises(
        LoaddataStdinError,
        match=r"^--delete-missing: 901 row\(s\) of testapp.author are there after",
    ):
        loaded(
            [one("author", 903, name="x")],
            using,
            deletes_missing=True,
            most_errors=most_errors,
        )
    assert len(names(using)) == 902


def test_a_policy_that_hides_a_row_from_deletion_is_named(policed):
    kept = [{**policed[0], "fields": {"name": "old1"}}]

    with pytest.raises(ObjectIntegrityError, match=r"1 row\(s\) of testapp.author are"):
        loaded(kept, "default", deletes_missing=True)
