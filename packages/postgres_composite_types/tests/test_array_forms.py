from __future__ import annotations

import pytest
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.db import models
from django.utils.translation import gettext, override

from tests.people.models import Address, Person, Point, Span

COBURG = Address("2 Bell St", "Coburg", "")
FITZROY = Address("1 Smith St", "Fitzroy", "")


def item(index, street="", suburb="", country="AU"):
    prefix = f"previous-{index}-item"
    return {
        f"{prefix}-street": street,
        f"{prefix}-suburb": suburb,
        f"{prefix}-country": country,
    }


def data(*items):
    numbers = {"previous-TOTAL_FORMS": len(items), "previous-INITIAL_FORMS": 0}
    members = (item(n, *values) for n, values in enumerate(items))
    return {key: value for part in (numbers, *members) for key, value in part.items()}


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["previous"]


def test_the_items_come_in_the_order_of_the_page():
    form = PersonForm(data(("2 Bell St", "Coburg"), ("1 Smith St", "Fitzroy")))

    assert form.is_valid()
    assert form.cleaned_data["previous"] == [COBURG, FITZROY]
    assert form.instance.previous == [COBURG, FITZROY]


def test_a_blank_item_is_left_out():
    form = PersonForm(data(("", ""), ("1 Smith St", "Fitzroy"), ("", "")))

    assert form.is_valid()
    assert form.cleaned_data["previous"] == [FITZROY]


def test_an_item_that_may_be_null_stays_when_blank():
    field = ArrayField(Point.Field(null=True, blank=True)).formfield(required=False)
    form_class = type("F", (forms.Form,), {"previous": field})

    form = form_class({**data(("", "")), "previous-0-item-x": ""})

    assert form.is_valid()
    assert form.cleaned_data["previous"] == [None]


def test_an_item_that_does_not_fit_is_numbered():
    form = PersonForm(data(("1 Smith St", "Fitzroy"), ("", "Coburg")))

    assert form.errors == {"previous": ["Check item 2."]}
    second = form["previous"].data.forms[1]
    assert second.errors == {"item": ["Check Street."]}
    assert "This field is required." in str(form["previous"])


def test_a_german_page_speaks_german():
    with override("de"):
        form = PersonForm(data(("1 Smith St", "Fitzroy"), ("", "Coburg")))

        assert form.errors == {"previous": ["Bitte Eintrag 2 prüfen."]}
        second = form["previous"].data.forms[1]
        assert second.errors == {"item": ["Bitte prüfen: Street."]}
        html = str(form["previous"])
        # Wagtail has a German of its own.
        required = gettext("This field is required.")

    assert required.startswith("Dieses Feld")
    for text in ("Weiteren hinzufügen", "Nach oben", "Entfernen", required):
        assert text in html


@pytest.mark.parametrize(
    ("items", "is_changed"),
    [
        pytest.param(
            [("2 Bell St", "Coburg"), ("1 Smith St", "Fitzroy")], False, id="same"
        ),
        pytest.param(
            [("2 Bell St", "Coburg"), ("", ""), ("1 Smith St", "Fitzroy")],
            False,
            id="a blank one between",
        ),
        pytest.param(
            [("1 Smith St", "Fitzroy"), ("2 Bell St", "Coburg")], True, id="moved"
        ),
        pytest.param([("2 Bell St", "Coburg")], True, id="removed"),
        pytest.param([], True, id="emptied"),
        pytest.param(
            [("2 Bell St", "Preston"), ("1 Smith St", "Fitzroy")], True, id="member"
        ),
    ],
)
def test_has_changed_compares_the_items(items, is_changed):
    form = PersonForm(data(*items), instance=Person(previous=[COBURG, FITZROY]))

    assert form.has_changed() is is_changed


def test_a_form_that_was_sent_without_the_list_has_no_items():
    form = PersonForm({})

    assert form.is_valid()
    assert form.instance.previous == []


def test_a_required_list_needs_an_item():
    field = ArrayField(Point.Field()).formfield()
    form = type("F", (forms.Form,), {"previous": field})(data())

    assert form.errors == {"previous": ["This field is required."]}


def test_more_items_than_the_array_has_room_for_are_refused():
    field = ArrayField(Point.Field(), size=1).formfield()
    form = type("F", (forms.Form,), {"previous": field})(
        {**data(("", ""), ("", "")), "previous-0-item-x": 1, "previous-1-item-x": 2}
    )

    assert form.errors == {"previous": ["Please submit at most 1 form."]}


def test_items_are_shown_with_a_template_for_the_next():
    html = str(PersonForm(instance=Person(previous=[FITZROY]))["previous"])

    assert 'name="previous-TOTAL_FORMS" value="1"' in html
    assert 'name="previous-0-item-suburb" value="Fitzroy"' in html
    assert 'id="id_previous-0-item-suburb"' in html
    assert 'name="previous-__item__-item-suburb"' in html
    assert "__prefix__" not in html


def test_items_of_a_disabled_list_are_disabled():
    form = PersonForm({}, instance=Person(previous=[FITZROY]))
    form.fields["previous"].disabled = True

    html = str(form["previous"])

    assert form.is_valid()
    assert form.cleaned_data["previous"] == [FITZROY]
    assert not form.has_changed()
    assert "<button" not in html
    assert 'value="Fitzroy" maxlength="20" disabled' in html


NOTED = [Span(1, 2, b"a"), Span(3, 4, b"b")]


def span_form(*items, initial=NOTED):
    """Return the form that a page with items (first, last, what it was) sends."""
    sent = {"spans-TOTAL_FORMS": len(items), "spans-INITIAL_FORMS": 0}
    for n, (first, last, was) in enumerate(items):
        sent |= {f"spans-{n}-item-first": first, f"spans-{n}-item-last": last}
        if was is not None:
            sent[f"spans-{n}-was"] = was
    field = ArrayField(Span.Field()).formfield(required=False)
    return type("F", (forms.Form,), {"spans": field})(sent, initial={"spans": initial})


def test_moved_and_changed_items_keep_what_they_have_no_input_for():
    form = span_form((3, 4, 1), (1, 9, 0), (5, 6, None))

    assert form.is_valid()
    assert form.cleaned_data["spans"] == [
        Span(3, 4, b"b"),
        Span(1, 9, b"a"),
        Span(5, 6, None),
    ]


def test_items_that_differ_only_unseen_are_changed_by_a_move():
    alike = [Span(1, 2, b"a"), Span(1, 2, b"b")]

    moved = span_form((1, 2, 1), (1, 2, 0), initial=alike)
    left = span_form((1, 2, 0), (1, 2, 1), initial=alike)

    assert moved.has_changed()
    assert not left.has_changed()


@pytest.mark.parametrize("was", ["2", "-1", "x", "\u0663", "", "9" * 5000])
def test_an_item_that_was_none_of_the_page_is_new(was):
    form = span_form((1, 2, was))

    assert form.is_valid()
    assert form.cleaned_data["spans"] == [Span(1, 2, None)]


def test_the_page_tells_which_item_each_one_was():
    shown = span_form((3, "x", 1))
    field = ArrayField(Span.Field()).formfield()
    blank = type("F", (forms.Form,), {"spans": field})(initial={"spans": NOTED})

    assert 'name="spans-0-was" value="1"' in str(shown["spans"])
    assert 'name="spans-1-was" value="1"' in str(blank["spans"])
    assert "__item__-was" not in str(blank["spans"])


def test_items_of_items_keep_what_they_have_no_input_for():
    field = ArrayField(ArrayField(Span.Field())).formfield()
    sent = {
        "grid-TOTAL_FORMS": 1,
        "grid-INITIAL_FORMS": 0,
        "grid-0-was": 0,
        "grid-0-item-TOTAL_FORMS": 1,
        "grid-0-item-INITIAL_FORMS": 0,
        "grid-0-item-0-was": 1,
        "grid-0-item-0-item-first": 3,
        "grid-0-item-0-item-last": 5,
    }

    form = type("F", (forms.Form,), {"grid": field})(sent, initial={"grid": [NOTED]})

    assert form.is_valid()
    assert form.cleaned_data["grid"] == [[Span(3, 5, b"b")]]


def test_arrays_of_arrays_nest():
    field = ArrayField(ArrayField(Point.Field())).formfield()
    form = type("F", (forms.Form,), {"grid": field})(
        {
            "grid-TOTAL_FORMS": 1,
            "grid-INITIAL_FORMS": 0,
            "grid-0-item-TOTAL_FORMS": 1,
            "grid-0-item-INITIAL_FORMS": 0,
            "grid-0-item-0-item-x": 7,
        }
    )

    assert form.is_valid()
    assert form.cleaned_data["grid"] == [[Point(7)]]
    assert 'name="grid-__item__-item-__item__-item-x"' in str(form["grid"])


def test_arrays_of_other_things_keep_their_form_field():
    field = ArrayField(models.IntegerField()).formfield()

    assert type(field) is SimpleArrayField


def test_the_page_loads_style_and_script():
    media = str(PersonForm().media)

    assert "postgres_composite_types/composite.css" in media
    assert "postgres_composite_types/array.js" in media
