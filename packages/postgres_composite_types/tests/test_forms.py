from __future__ import annotations

import datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.template import Context, Template
from django.utils import translation

from postgres_composite_types.forms import CompositeFormField
from tests.people.models import Address, Parcel, Person, Point, Span

FITZROY = Address("1 Smith St", "Fitzroy", "3065", place=Point(1, 2))
PERSON_DATA = {
    "name": "Ana",
    "address-street": "1 Smith St",
    "address-suburb": "Fitzroy",
    "address-postcode": "3065",
    "address-country": "AU",
    "address-place-x": "1",
    "address-place-y": "2",
}
NO_ADDRESS = {"name": "Ana", "address-country": "AU"}


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["name", "address"]


class ParcelForm(forms.ModelForm):
    class Meta:
        model = Parcel
        fields = ["recipient"]


def test_every_member_becomes_a_member_of_the_value():
    form = PersonForm(PERSON_DATA)

    assert form.is_valid()
    assert form.cleaned_data["address"] == FITZROY
    assert form.instance.address == FITZROY


def test_an_optional_section_left_blank_is_none():
    form = PersonForm(NO_ADDRESS)

    assert form.is_valid()
    assert form.cleaned_data["address"] is None


def test_an_optional_section_that_was_emptied_is_none():
    form = PersonForm(NO_ADDRESS, instance=Person(address=FITZROY))

    assert form.is_valid()
    assert form.cleaned_data["address"] is None
    assert form.changed_data == ["name", "address"]


def test_a_value_of_blanks_that_nobody_touched_stays():
    class AddressForm(forms.Form):
        address = CompositeFormField(Address, required=False)

    blank = Address(street="", suburb="", country="AU")
    form = AddressForm(NO_ADDRESS, initial={"address": blank})

    assert form.is_valid()
    assert form.cleaned_data["address"] is blank
    assert not form.has_changed()


def test_a_required_section_left_blank_complains_at_its_members():
    form = ParcelForm({"recipient-country": "AU"})

    assert form.errors == {"recipient": ["Check Street and Suburb."]}
    assert form["recipient"].data.errors == {
        "street": ["This field is required."],
        "suburb": ["This field is required."],
    }


def test_a_member_that_does_not_fit_is_named_at_every_level():
    form = PersonForm({**PERSON_DATA, "address-place-x": "left"})

    assert form.errors == {"address": ["Check Place."]}
    address = form["address"].data
    assert address.errors == {"place": ["Check X."]}
    assert address["place"].data.errors == {"x": ["Enter a whole number."]}


def test_validators_of_the_member_are_applied():
    form = PersonForm({**PERSON_DATA, "address-postcode": "30"})

    assert form.errors == {"address": ["Check Postcode."]}
    assert form["address"].data.errors == {"postcode": ["Four digits."]}


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        pytest.param({}, [], id="untouched"),
        pytest.param({"address-suburb": "Coburg"}, ["address"], id="member"),
        pytest.param({"address-place-y": ""}, ["address"], id="nested member"),
        pytest.param({"address-is_gated": "on"}, ["address"], id="checkbox"),
        pytest.param({"address-street": " 1 Smith St "}, [], id="spaces"),
    ],
)
def test_has_changed_compares_the_members(changes, changed):
    person = Person(name="Ana", address=FITZROY)

    form = PersonForm({**PERSON_DATA, **changes}, instance=person)

    assert form.changed_data == changed


def test_an_empty_form_of_nothing_has_not_changed():
    form = PersonForm(NO_ADDRESS, initial={"name": "Ana"})

    assert not form.has_changed()


def test_an_unbound_form_shows_the_members():
    html = str(PersonForm(instance=Person(address=FITZROY))["address"])

    assert 'name="address-suburb" value="Fitzroy"' in html
    assert 'name="address-place-x" value="1"' in html
    assert 'id="id_address-place-x"' in html


def test_a_bound_form_shows_each_error_beside_its_input():
    html = str(PersonForm({**PERSON_DATA, "address-place-x": "left"})["address"])

    assert html.count("Enter a whole number.") == 1
    assert 'name="address-place-x" value="left"' in html


def test_a_section_left_out_shows_no_errors():
    form = PersonForm({**NO_ADDRESS, "name": ""})

    html = str(form["address"])

    assert form.errors.keys() == {"name"}
    assert "errorlist" not in html


def test_only_a_required_section_has_required_inputs():
    assert " required id=" not in str(PersonForm()["address"])
    assert 'maxlength="20" required id="id_recipient-street"' in str(
        ParcelForm()["recipient"]
    )


def test_a_prefix_and_other_ids_reach_the_members():
    form = PersonForm(prefix="a", auto_id="x_%s", instance=Person(address=FITZROY))

    html = str(form["address"])

    assert 'name="a-address-place-x"' in html
    assert 'id="x_a-address-place-x"' in html


def test_a_form_without_ids_has_none():
    assert " id=" not in str(PersonForm(auto_id=False)["address"])


def test_a_disabled_section_keeps_its_value():
    form = PersonForm({"name": "Ana"}, instance=Person(address=FITZROY))
    form.fields["address"].disabled = True

    html = str(form["address"])

    assert form.is_valid()
    assert form.cleaned_data["address"] == FITZROY
    assert form.changed_data == ["name"]
    assert html.count(" disabled") == html.count("<input") + html.count("<select")


def test_members_that_were_not_sent_leave_the_default_of_the_field():
    class PointForm(forms.Form):
        place = CompositeFormField(Point)

    widget = PointForm()["place"].field.widget

    assert widget.value_omitted_from_data({"name": "Ana"}, {}, "place")
    assert not widget.value_omitted_from_data({"place-x": "1"}, {}, "place")


def test_another_widget_sends_json():
    field = CompositeFormField(Address, widget=forms.Textarea)

    assert field.clean('{"street": "1 Smith St", "suburb": "Fitzroy"}') == Address(
        "1 Smith St", "Fitzroy"
    )
    with pytest.raises(ValidationError, match="has no member 'planet'"):
        field.clean('{"planet": "Mars"}')


def test_dates_are_read_as_the_form_reads_them():
    form = PersonForm({**PERSON_DATA, "address-since": "2026-11-25"})

    assert form.is_valid()
    assert form.cleaned_data["address"].since == datetime.date(2026, 11, 25)


class SpanForm(forms.Form):
    span = Span.Field(blank=True).formfield()


def test_what_is_wrong_with_the_whole_is_the_fields_own_error():
    form = SpanForm({"span-first": "2", "span-last": "1"})

    assert form.errors == {"span": ["The last comes first."]}


def test_the_whole_is_not_looked_at_while_a_member_is_wrong():
    form = SpanForm({"span-first": "2", "span-last": "x"})

    assert form.errors == {"span": ["Check Last."]}


def test_a_member_that_is_not_editable_has_no_input_and_stays_as_it_was():
    form = SpanForm(
        {"span-first": "1", "span-last": "9", "span-note": "x"},
        initial={"span": Span(1, 2, b"kept")},
    )

    assert form.is_valid()
    assert form.cleaned_data["span"] == Span(1, 9, b"kept")
    assert "note" not in str(form)


@pytest.mark.django_db
def test_what_the_class_does_not_know_survives_the_form():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TYPE people_point ADD ATTRIBUTE z integer")
        cursor.execute(
            "INSERT INTO people_person (name, address, previous)"
            " VALUES ('Ana', ('a', 'b', '', 'AU', NULL, false, (1, 2, 3)), '{}')"
        )
    person = Person.objects.get()
    data = {**PERSON_DATA, "address-place-x": "7"}

    form = PersonForm(data, instance=person)
    form.save()

    assert form.changed_data == ["address"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ((address).place).x, ((address).place).z FROM people_person"
        )
        assert cursor.fetchone() == (7, 3)


LAID_OUT = Template(
    "{{ form.address.street.id_for_label }}|{{ form.address.street.label }}|"
    "{{ form.address.street }}|{{ form.address.street.errors }}|"
    "{{ form.address.place.x }}"
)


def laid_out(form):
    return LAID_OUT.render(Context({"form": form})).split("|")


def test_members_are_laid_out_by_hand():
    id_, label, street, errors, x = laid_out(
        PersonForm(instance=Person(address=FITZROY), prefix="p")
    )

    assert (id_, label, errors) == ("id_p-address-street", "Street", "")
    assert 'name="p-address-street" value="1 Smith St"' in street
    assert 'id="id_p-address-street"' in street
    assert 'name="p-address-place-x" value="1"' in x


def test_members_that_are_laid_out_show_what_was_sent_and_its_errors():
    form = PersonForm({**PERSON_DATA, "address-street": ""})

    _, _, street, errors, x = laid_out(form)

    assert 'aria-invalid="true"' in street
    assert "This field is required." in errors
    assert 'value="1"' in x
    assert form["address"]["suburb"].value() == "Fitzroy"
    with pytest.raises(KeyError, match="town"):
        form["address"]["town"]


def test_members_of_another_widget_cannot_be_laid_out():
    class JSONForm(PersonForm):
        class Meta(PersonForm.Meta):
            widgets = {"address": forms.Textarea}

    with pytest.raises(TypeError, match="integers or slices"):
        JSONForm()["address"]["street"]


@pytest.mark.parametrize("address", [None, FITZROY], ids=["blank", "unchanged"])
def test_members_stay_marked_as_required_after_a_mistake_elsewhere(address):
    data = NO_ADDRESS if address is None else PERSON_DATA
    form = PersonForm({**data, "name": ""}, instance=Person(address=address))

    assert form.errors.keys() == {"name"}
    html = str(form["address"])
    street = form["address"]["street"]
    assert street.field.required
    assert "This field is required" not in html
    assert form["address"].data.errors == {}
    assert form["address"].value() is form["address"].data


class JsonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["address"]
        widgets = {"address": forms.Textarea}


def test_text_that_is_no_value_is_refused_in_the_language_of_the_page():
    with translation.override("de"):
        form = JsonForm({"address": "{"})
        assert form.errors["address"][0].startswith(
            "people.Address: '{' ist kein JSON-Objekt: "
        )
