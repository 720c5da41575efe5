"""--validate: what models say of their rows, whatever they raise."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.models.signals import pre_delete

from loaddata_stdin import LoaddataStdinError, Options, Substitution, load
from loaddata_stdin.exceptions import ManyObjectsError, ObjectValueError

from .test_errors import lines, one
from .testapp.models import Author, Book

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]
BOOKS = [one("book", 1, title="a", token="hunter2"), one("book", 2, title="b")]
SECRET = one("book", 1, title="a", token="${TOKEN}")


@pytest.fixture
def clean(monkeypatch):
    """Let a function be the `clean` of books."""
    return lambda function: monkeypatch.setattr(Book, "clean", function)


def refusal(using, *objects, **options):
    options.setdefault("is_validated", True)
    substitution = Substitution({"TOKEN": "hunter2"})
    with pytest.raises(LoaddataStdinError) as caught:
        load(
            lines(*objects),
            options=Options(using=using, substitution=substitution, **options),
        )
    return caught.value


def raises_anything(self):
    raise LookupError(f"no {self.token.upper()}\nfound")


def test_what_else_a_model_raises_has_its_place(using, way, clean):
    clean(raises_anything)

    error = refusal(using, *BOOKS)

    assert isinstance(error, ObjectValueError)
    assert str(error).endswith("object 1 (testapp.book pk=1): no HUNTER2")


def test_what_else_a_model_raises_is_collected(using, way, clean):
    clean(raises_anything)

    error = refusal(using, *BOOKS, most_errors=9)

    assert len(error.errors) == 2


@pytest.mark.parametrize("most_errors", [1, 9])
def test_what_else_a_model_raises_shows_no_secret(using, way, clean, most_errors):
    clean(raises_anything)

    error = refusal(using, SECRET, most_errors=most_errors)

    place = (
        "line 1, column 1, object 1 (testapp.book pk=1): it is refused (LookupError)"
    )
    assert error.errors[0].startswith(place)
    assert "HUNTER2" not in str(error)


def test_a_statement_that_fails_in_a_model_has_its_place(using, way, clean):
    def asks(self):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    clean(asks)

    error = refusal(using, *BOOKS, most_errors=9)

    assert isinstance(error, ManyObjectsError)
    assert "object 1 (testapp.book pk=1): " in error.errors[0]


def test_a_full_clean_of_its_own_may_name_no_field(using, way, monkeypatch):
    def full_clean(self):
        raise ValidationError("this one is not fine")

    monkeypatch.setattr(Book, "full_clean", full_clean)

    error = refusal(using, *BOOKS)

    assert str(error).endswith("(testapp.book pk=1): this one is not fine")


def test_a_field_that_keeps_rows_from_being_looked_up_is_heard(using, monkeypatch):
    def get_prep_value(self, value):
        raise LookupError("no such key")

    Author.objects.using(using).create(pk=7, name="Mei")
    monkeypatch.setattr(models.ForeignKey, "get_prep_value", get_prep_value)

    error = refusal(using, one("author", 8, name="Mai"), deletes_missing=True)

    assert str(error) == "no such key (--delete-missing: deleting testapp.author)"


@pytest.mark.parametrize("most_errors", [1, 9])
def test_a_receiver_that_keeps_rows_from_being_deleted_is_heard(using, most_errors):
    def receive(instance, **_):
        raise RuntimeError(f"no delete of {instance.name}\nat all")

    Author.objects.using(using).create(pk=7, name="Mei")
    pre_delete.connect(receive, sender=Author)
    try:
        error = refusal(
            using,
            one("author", 8, name="Mai"),
            deletes_missing=True,
            most_errors=most_errors,
        )
    finally:
        pre_delete.disconnect(receive, sender=Author)

    message = "no delete of Mei (--delete-missing: deleting testapp.author)"
    assert error.errors == [message]
