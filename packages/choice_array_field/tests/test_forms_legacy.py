"""Values in a row that are no longer choices: named, kept or replaced, never lost."""

from __future__ import annotations

import pytest
from django import forms
from django.db import connection
from django.forms import modelform_factory

from .test_forms import chosen, data, form_of, options
from .testapp.models import Flag, Item, Loose, Size


def legacy_row(**values):
    return Loose.objects.create(**{"flags": ["docs", "zz"], "sizes": [9, 77], **values})


@pytest.mark.django_db
@pytest.mark.parametrize("widget", [None, forms.CheckboxSelectMultiple])
def test_a_value_of_old_choices_is_shown_as_chosen(widget):
    form = modelform_factory(
        Loose, fields=["flags", "sizes"], widgets=widget and {"flags": widget}
    )(instance=legacy_row())

    assert options(form)[-1] == ("zz", "zz (no longer a choice)", True)
    assert options(form, "sizes")[-1] == ("77", "77 (no longer a choice)", True)
    assert chosen(form) == ["docs", "zz"]
    assert len(options(form)) == 4
    assert len(options(form_of(Loose))) == 3


@pytest.mark.django_db
def test_saving_what_is_shown_changes_nothing():
    row = legacy_row()
    posted = data(name=["new"], flags=["docs", "zz"], sizes=["9", "77"])

    form = form_of(Loose, posted, instance=row, fields=["name", "flags", "sizes"])

    assert form.changed_data == ["name"]
    assert form.is_valid(), form.errors
    form.save()
    assert [*Loose.objects.values("name", "flags", "sizes")] == [
        {"name": "new", "flags": [Flag.DOCS, "zz"], "sizes": [Size.SMALL, 77]}
    ]


@pytest.mark.django_db
def test_an_old_value_can_be_replaced_and_is_then_refused():
    row = legacy_row()

    form = form_of(Loose, data(flags=["docs", "defect"]), instance=row)
    assert form.changed_data == ["flags"]
    assert form.save().flags == [Flag.DEFECT, Flag.DOCS]

    again = form_of(Loose, data(flags=["zz"]), instance=Loose.objects.get())
    assert "zz is not one of the available choices" in again.errors["flags"][0]


@pytest.mark.django_db
def test_an_old_value_can_be_kept_only_where_the_row_has_it():
    form = form_of(Loose, data(flags=["docs", "zz", "doc"]), instance=legacy_row())

    [error] = form.errors["flags"]
    assert error == (
        "Select a valid choice. doc is not one of the available choices."
        " Did you mean “Documentation”?"
    )
    assert form_of(Loose, data(flags=["zz"])).errors["flags"]


@pytest.mark.django_db
def test_a_null_among_the_members_can_be_kept_or_removed():
    row = legacy_row(flags=["docs", None])

    assert chosen(form_of(Loose, instance=row)) == ["docs", "None"]
    kept = form_of(Loose, data(flags=["docs", "None"]), instance=row)
    assert kept.save().flags == [Flag.DOCS, None]
    assert form_of(Loose, data(flags=["docs"]), instance=row).save().flags == ["docs"]


@pytest.mark.django_db
def test_full_clean_names_an_old_value_that_no_form_kept():
    row = legacy_row()

    with pytest.raises(forms.ValidationError, match="Value 'zz' is not a valid choice"):
        row.full_clean()


@pytest.mark.django_db
def test_where_the_database_refuses_an_old_value_the_form_says_so():
    """Only a NOT VALID check leaves such a row in the table."""
    field = Item._meta.get_field("flags")
    name = field.constraint().name
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE testapp_item DROP CONSTRAINT "{name}"')
        cursor.execute(
            "INSERT INTO testapp_item (name, flags) VALUES ('', '{docs,defects}')"
        )
    row = Item.objects.get()

    assert options(form_of(Item, instance=row))[-1][1:] == (
        "defects (no longer a choice: remove or replace it)",
        True,
    )
    form = form_of(Item, data(flags=["docs", "defects"]), instance=row)
    assert form.errors["flags"] == [
        "Select a valid choice. defects is not one of the available choices."
        " Did you mean “Defect”?"
    ]
    assert chosen(form) == ["docs", "defects"]
    assert form_of(Item, data(flags=["docs"]), instance=row).is_valid()
