from __future__ import annotations

import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from postgres_composite_types.admin import CompositeAdminMixin
from tests.people.models import Address, Parcel, Person, Point

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/people/person/"


@pytest.fixture
def people():
    today = datetime.date.today()
    fitzroy = Address("1 Smith St", "Fitzroy", "", since=today, place=Point(7))
    coburg = Address("2 Bell St", "Coburg", "", country="NZ", is_gated=True)
    return [
        Person.objects.create(name="Ana", address=fitzroy),
        Person.objects.create(name="Bo", address=coburg),
        Person.objects.create(name="Cy"),
    ]


def names(response):
    return [person.name for person in response.context["cl"].result_list]


def test_the_registered_admins_pass_the_checks():
    for model_admin in admin.site._registry.values():
        assert model_admin.check() == []


def test_a_column_that_is_no_member_is_refused_as_before():
    class Broken(CompositeAdminMixin, admin.ModelAdmin):
        list_display = ["address__planet", "name__length", "planet__x"]

    errors = Broken(Person, admin.site).check()

    assert [error.id for error in errors] == ["admin.E108"] * 3


def test_members_are_columns(admin_client, people):
    html = admin_client.get(PEOPLE).content.decode()

    assert 'class="field-address__suburb">Fitzroy<' in html
    assert 'class="field-address__place__x">7<' in html
    assert html.count("icon-yes.svg") == 1
    assert 'class="field-address__suburb">-<' in html


def test_members_behind_a_relation_are_columns(admin_client, people):
    Parcel.objects.create(sender=people[0], recipient=Address("", "Preston"))

    html = admin_client.get("/admin/people/parcel/").content.decode()

    assert "field-recipient__suburb" in html
    assert 'class="field-sender__address__suburb">Fitzroy<' in html


def test_a_column_sorts_by_its_member(admin_client, people):
    Person.objects.filter(name="Cy").delete()

    assert names(admin_client.get(PEOPLE, {"o": "2"})) == ["Bo", "Ana"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"address__suburb": "Coburg"}, ["Bo"], id="value"),
        pytest.param({"address__country__exact": "NZ"}, ["Bo"], id="choice"),
        pytest.param({"address__is_gated__exact": "0"}, ["Ana"], id="boolean"),
        pytest.param({"address__since__isnull": "False"}, ["Ana"], id="date"),
        pytest.param({"address__suburb__isnull": "True"}, ["Cy"], id="no value"),
        pytest.param({"q": "fitz"}, ["Ana"], id="search"),
    ],
)
def test_members_filter_the_list(admin_client, people, query, found):
    response = admin_client.get(PEOPLE, query)

    assert names(response) == found


def test_the_values_of_a_member_are_offered(admin_client, people):
    html = admin_client.get(PEOPLE).content.decode()

    assert 'href="?address__suburb=Coburg"' in html
    assert 'href="?address__country__exact=NZ"' in html


def test_a_value_is_edited_by_its_members(admin_client, people):
    url = f"{PEOPLE}{people[0].pk}/change/"
    form = {
        "name": "Ana",
        "address-street": "1 Smith St",
        "address-suburb": "Preston",
        "address-country": "AU",
        "address-since": "2026-01-02",
        "previous-TOTAL_FORMS": "1",
        "previous-INITIAL_FORMS": "0",
        "previous-0-item-street": "9 High St",
        "previous-0-item-suburb": "Northcote",
        "previous-0-item-country": "AU",
        "parcel_set-TOTAL_FORMS": "1",
        "parcel_set-INITIAL_FORMS": "0",
        "parcel_set-0-recipient-street": "3 Sydney Rd",
        "parcel_set-0-recipient-suburb": "Brunswick",
        "parcel_set-0-recipient-country": "AU",
    }

    response = admin_client.post(url, form)

    assert response.status_code == 302
    person = Person.objects.get(pk=people[0].pk)
    assert person.address == Address(
        "1 Smith St", "Preston", "", since=datetime.date(2026, 1, 2)
    )
    assert [address.suburb for address in person.previous] == ["Northcote"]
    assert person.parcel_set.get().recipient.suburb == "Brunswick"


def test_the_history_names_the_field_that_changed(admin_client, people):
    test_a_value_is_edited_by_its_members(admin_client, people)

    html = admin_client.get(f"{PEOPLE}{people[0].pk}/history/").content.decode()

    assert "Changed Address and Previous." in html
    assert User.objects.count() == 1


def test_the_inputs_of_members_are_the_admins_own(admin_client):
    html = admin_client.get(f"{PEOPLE}add/").content.decode()

    assert 'name="address-suburb" class="vTextField"' in html
    assert 'name="address-since" class="vDateField"' in html
    assert 'name="previous-__item__-item-since" class="vDateField"' in html
    assert "admin/js/calendar.js" in html


def test_a_blank_inline_is_no_error(admin_client):
    form = {
        "name": "",
        "parcel_set-TOTAL_FORMS": "1",
        "parcel_set-INITIAL_FORMS": "0",
        "parcel_set-0-recipient-country": "AU",
    }

    response = admin_client.post(f"{PEOPLE}add/", form)

    assert response.content.decode().count("This field is required.") == 1


def test_an_error_stands_beside_its_member(admin_client):
    form = {"name": "Ana", "address-suburb": "X", "parcel_set-TOTAL_FORMS": "0"}
    form["parcel_set-INITIAL_FORMS"] = "0"

    response = admin_client.post(f"{PEOPLE}add/", form)

    html = response.content.decode()
    assert "Check Street and Country." in html
    assert html.count("This field is required.") == 2
