from __future__ import annotations

from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from wagtailimporter import ImportFailed
from wagtailimporter.fields.scalars import model_value
from wagtailimporter.parse.values import Place, Scalar, Sequence


class SetField(ArrayField):
    """Holds each item once, in order, as a field of choices does."""

    def to_python(self, value: Any) -> Any:
        if "no" in value:
            message = "No is no choice."
            raise ValidationError(message)
        return sorted(set(value))


PLACE = Place("a.yaml", 3, 7)


def sequence(*texts: str) -> Sequence:
    items = [Scalar(text, False, True, "", PLACE) for text in texts]
    return Sequence(tuple(items), "", PLACE)


def test_a_list_is_what_its_field_makes_of_it() -> None:
    field = SetField(models.IntegerField())

    assert model_value(field, sequence("3", "1", "03")) == [1, 3]


def test_a_plain_array_keeps_order_and_duplicates() -> None:
    field = ArrayField(models.CharField())

    assert model_value(field, sequence("b", "no", "b")) == ["b", "no", "b"]


def test_a_list_that_its_field_refuses_is_reported_where_it_stands() -> None:
    field = SetField(models.CharField())

    with pytest.raises(ImportFailed, match=r"a\.yaml:3:7: No is no choice\."):
        model_value(field, sequence("yes", "no"))
