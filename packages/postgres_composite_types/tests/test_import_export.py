from __future__ import annotations

import pytest
from import_export.resources import ModelResource, modelresource_factory
from import_export.widgets import Widget

from postgres_composite_types.partners import import_export as import_export_private
from tests.people.models import Address, Person, Point

pytestmark = pytest.mark.django_db

FITZROY = Address('1 "Smith", St', "Fitzröy", "3065", place=Point(1, 2))
Resource = modelresource_factory(Person)


def test_values_and_lists_of_them_leave_and_come_back_as_text():
    person = Person.objects.create(name="Ana", address=FITZROY, previous=[FITZROY])
    Person.objects.create(name="Bo")
    exported = Resource().export()
    csv = exported.csv
    Person.objects.all().delete()

    result = Resource().import_data(exported.load(csv, "csv"), raise_errors=True)

    assert result.totals["new"] == 2
    assert "Fitzröy" in csv
    ana, bo = Person.objects.order_by("name")
    assert (ana.pk, ana.address, ana.previous) == (person.pk, FITZROY, [FITZROY])
    assert (bo.address, bo.previous) == (None, [])


def test_text_that_is_no_value_is_an_error_of_its_row():
    Person.objects.create(name="Ana", address=FITZROY)
    exported = Resource().export()
    wrong = exported.csv.replace("street", "road")

    result = Resource().import_data(exported.load(wrong, "csv"), dry_run=True)

    assert "no member" in str(result.invalid_rows[0].error)


def test_what_a_project_maps_wins():
    class Own(ModelResource):
        WIDGETS_MAP = {**ModelResource.WIDGETS_MAP, "CompositeTypeField": Widget}

    import_export_private.install()
    field = Person._meta.get_field("address")

    assert Own.widget_from_django_field(field) is Widget
    assert ModelResource.widget_from_django_field(field).args == (field,)
