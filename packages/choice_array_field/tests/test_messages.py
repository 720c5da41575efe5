"""Texts: Django's own, the project's own, and other languages."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import override

from choice_array_field import ChoiceArrayField

from .testapp.models import Flag

TEXTS = {
    "invalid_choice": "%(value)s? Never.",
    "invalid_list": "A list, please.",
    "min_choices": "At least %(limit)d.",
    "max_choices": "At most %(limit)d.",
}
WRONG = [
    pytest.param("docs", "A list, please.", id="no list"),
    pytest.param(["dosc", "x"], "dosc? Never.|x? Never.", id="no choice"),
    pytest.param(["docs"], "At least 2.", id="too few"),
    pytest.param([*Flag], "At most 2.", id="too many"),
]


def model_field(**options):
    field = ChoiceArrayField(Flag, min_choices=2, max_choices=2, **options)
    field.set_attributes_from_name("flags")
    return field


def texts_of(clean, value):
    with pytest.raises(ValidationError) as caught:
        clean(value)
    return "|".join(caught.value.messages)


@pytest.mark.parametrize(("value", "text"), WRONG)
def test_messages_of_a_model_field_win(value, text):
    field = model_field(error_messages=TEXTS)

    assert texts_of(lambda value: field.clean(value, None), value) == text


@pytest.mark.parametrize(("value", "text"), WRONG)
def test_messages_of_a_form_field_win(value, text):
    field = model_field().formfield(error_messages=TEXTS)

    assert texts_of(field.clean, value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("docs", "Bitte eine Liste mit Werten eingeben.", id="Django's"),
        pytest.param(
            ["dosc"],
            "Bitte eine gültige Auswahl treffen. dosc ist keine gültige Auswahl."
            " War „Dokumentation“ gemeint?",
            id="Django's and ours",
        ),
        pytest.param(["docs"], "Bitte mindestens 2 wählen; 1 ist gewählt.", id="few"),
        pytest.param([*Flag], "Bitte höchstens 2 wählen; 3 sind gewählt.", id="many"),
    ],
)
def test_a_german_form_speaks_german(value, text):
    with override("de"):
        assert texts_of(model_field().formfield().clean, value) == text


def test_a_value_of_the_form_is_shown_shortened():
    text = texts_of(model_field().formfield().clean, ["x" * 10_000, "docs"])

    assert len(text) < 200
    assert isinstance(model_field().formfield(), forms.MultipleChoiceField)
