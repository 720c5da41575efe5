"""Every type that can have choices goes the whole way round."""

from __future__ import annotations

import copy
import pickle

import pytest
from django import forms
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.forms import modelform_factory
from django.http import QueryDict

from tests.testapp.models import Kinds

FIELDS = [
    pytest.param(field, id=field.name)
    for field in Kinds._meta.fields
    if not field.primary_key
]


def posted(field, keys):
    data = QueryDict(mutable=True)
    data.setlist(field.name, keys)
    return data


def form_for(field, data=None, instance=None):
    return modelform_factory(Kinds, fields=[field.name])(data, instance=instance)


def ticked(form, field):
    """Return the values of the options that the page shows as chosen."""
    html_field = form[field.name]
    widget = html_field.field.widget
    groups = widget.get_context(field.name, html_field.value(), {})["widget"]
    return [
        str(option["value"])
        for _, options, _ in groups["optgroups"]
        for option in options
        if option["selected"]
    ]


def offered(form, field):
    return [str(value) for value, _ in field.choice_set.flat]


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_what_was_ticked_is_ticked_again(field):
    form = form_for(field)
    keys = offered(form, field)

    for chosen in ([keys[0]], keys, keys[::-1], []):
        form = form_for(field, posted(field, chosen))
        assert form.is_valid(), form.errors
        saved = form.save()
        found = Kinds.objects.get(pk=saved.pk)
        again = form_for(field, instance=found)

        assert set(ticked(again, field)) == set(chosen)
        assert getattr(saved, field.name) == getattr(found, field.name)
        assert not form_for(field, posted(field, chosen), found).has_changed()


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_members_are_the_declared_ones_before_and_after_a_refresh(field):
    members = field.canonical(field.choice_set.values)
    name = field.name

    created = Kinds.objects.create(**{name: members[::-1] + members})
    assert getattr(created, name) == members
    created.full_clean()
    created.refresh_from_db()

    assert getattr(created, name) == members
    assert [type(each) for each in getattr(created, name)] == [
        type(each) for each in members
    ]
    assert Kinds.objects.values_list(name, flat=True).get() == members


@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("using", ["default", "other"])
def test_every_lookup_takes_members_and_plain_values(field, using):
    rows = Kinds.objects.using(using)
    name, values = field.name, field.choice_set.values
    both = rows.create(**{name: values})
    one = rows.create(**{name: values[:1]})

    def found(lookup, value):
        return [*rows.filter(**{f"{name}__{lookup}": value}).order_by("pk")]

    assert found("contains", values[0]) == [both, one]
    assert found("contains", field.choice_set.member(values[1])) == [both]
    assert found("contains", iter(values)) == [both]
    assert found("contained_by", {values[0]}) == [one]
    assert found("overlap", values[1]) == [both]
    assert found("exact", values[::-1]) == [both]
    assert found("in", [values[:1], values[::-1]]) == [both, one]
    assert found("in", []) == []
    assert found("contains", []) == [both, one]


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("format", ["json", "jsonl", "yaml", "xml", "python"])
def test_fixtures_hold_them(field, format):
    members = field.canonical(field.choice_set.values)
    row = Kinds.objects.create(**{field.name: members})

    text = serializers.serialize(format, [row])
    [again] = serializers.deserialize(format, text)

    assert getattr(again.object, field.name) == members
    assert [*map(type, getattr(again.object, field.name))] == [*map(type, members)]


@pytest.mark.django_db
@pytest.mark.parametrize("field", [each for each in FIELDS if each.id != "called"])
def test_the_database_refuses_what_is_no_choice(field):
    table, column = Kinds._meta.db_table, field.column
    row = Kinds.objects.create()

    with (
        pytest.raises(IntegrityError, match=f"{field.name}_choices_"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {table} SET {column} = '{{NULL}}'")

    row.refresh_from_db()
    assert getattr(row, field.name) == []


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_rows_and_fields_are_copied_and_pickled(field):
    row = Kinds.objects.create(**{field.name: field.choice_set.values})

    for other in (pickle.loads(pickle.dumps(row)), copy.deepcopy(row)):
        assert getattr(other, field.name) == getattr(row, field.name)
        assert getattr(other, field.name) is not getattr(row, field.name)
    assert pickle.loads(pickle.dumps(field)) is field
    assert copy.deepcopy(field).choice_set.values == field.choice_set.values


@pytest.mark.parametrize("field", FIELDS)
def test_a_copy_keeps_enum_and_labels(field):
    clone = field.clone()

    assert clone.choice_set.flat == field.choice_set.flat
    assert clone.choice_set.enum is field.choice_set.enum
    assert clone.deconstruct()[3].keys() == field.deconstruct()[3].keys()


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_update_and_the_bulk_methods_write_the_canonical_value(field):
    name, values = field.name, field.choice_set.values
    members = field.canonical(values)
    [row] = Kinds.objects.bulk_create([Kinds(**{name: values + values})])
    assert getattr(row, name) == members

    setattr(row, name, values[:1])
    getattr(row, name).extend(values[::-1])
    Kinds.objects.bulk_update([row], [name])
    row.save()
    assert getattr(row, name) == members
    assert Kinds.objects.get() == row
    assert getattr(Kinds.objects.get(), name) == members

    Kinds.objects.update(**{name: iter(values)})
    assert Kinds.objects.filter(**{name: members}).exists()


def test_checkboxes_are_an_option_of_the_field():
    class Form(forms.ModelForm):
        class Meta:
            model = Kinds
            fields = ["char"]
            widgets = {"char": forms.CheckboxSelectMultiple}

    assert 'type="checkbox"' in str(Form()["char"])
