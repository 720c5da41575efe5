from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tests.library.models import Atlas, Book, Shelf, Tag
from tests.readers.models import Loan, Wish

pytestmark = pytest.mark.django_db(transaction=True)


def clear(*targets, **options):
    output = io.StringIO()
    call_command(
        "clear_app", *targets, **{"interactive": False, **options}, stdout=output
    )
    return output.getvalue()


@pytest.fixture
def library():
    shelf = Shelf.objects.create(name="maps")
    atlas = Atlas.objects.create(title="World", shelf=shelf, scale=1000)
    atlas.tags.add(Tag.objects.create(name="big"))
    return shelf


def test_the_tables_of_an_app_are_emptied_with_those_between_them(library):
    output = clear("library")

    assert not Shelf.objects.exists()
    assert not Book.tags.through.objects.exists()
    assert "1 rows of library.Book\n" in output
    assert "5 rows deleted" in output


def test_sequences_begin_anew(library):
    clear("library")

    assert Shelf.objects.create(name="first").pk == 1


def test_nothing_of_another_app_is_touched(library):
    Wish.objects.create(book_id=7)

    clear("library")

    assert Wish.objects.count() == 1


def test_rows_of_another_app_that_refer_to_them_are_named_and_kept(library):
    Loan.objects.create(book=Book.objects.get())

    with pytest.raises(CommandError, match=r"readers\.Loan hold rows, and refer to"):
        clear("library")

    assert (Shelf.objects.count(), Loan.objects.count()) == (1, 1)


def test_other_apps_are_emptied_only_if_that_is_asked_for(library):
    Loan.objects.create(book=None)

    output = clear("library", cascade=True)

    assert not Loan.objects.exists()
    assert "1 rows of readers.Loan  (refers to them)" in output


def test_one_model_takes_along_what_refers_to_it(library):
    clear("library.Book")

    assert not Atlas.objects.exists()
    assert (Shelf.objects.count(), Tag.objects.count()) == (1, 1)


def test_a_dry_run_shows_the_rows_and_keeps_them(library):
    assert clear("library", dry_run=True).endswith("Nothing was changed.\n")
    assert Shelf.objects.count() == 1


def test_nothing_goes_if_nobody_is_there_to_confirm(library):
    with pytest.raises(CommandError, match="give --no-input"):
        clear("library", interactive=True)

    assert Shelf.objects.count() == 1


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("libary", "No installed app with label 'libary'"),
        ("library.Boo", "doesn't have a 'Boo' model"),
        ("library.BookProxy", "there is no table of its own"),
        ("library.Elsewhere", "there is no table of its own"),
        ("testapp", "there is no table of its own"),
    ],
)
def test_a_target_without_a_table_is_refused(target, said):
    with pytest.raises(CommandError, match=said) as caught:
        clear(target)

    assert str(caught.value).startswith(target)
