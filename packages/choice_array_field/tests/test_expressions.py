from __future__ import annotations

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError

from choice_array_field import AddChoices, RemoveChoices
from tests.shop.models import Item as ShopItem

from .testapp.models import Flag, Item, Kinds, Numbered

pytestmark = pytest.mark.django_db

DEFECT, ENHANCEMENT, DOCS = Flag.DEFECT, Flag.ENHANCEMENT, Flag.DOCS


@pytest.mark.parametrize(
    ("before", "expression", "after"),
    [
        ([DOCS], AddChoices("flags", DEFECT), [DEFECT, DOCS]),
        ([DOCS], AddChoices("flags", "enhancement", DEFECT), [*Flag]),
        ([DOCS], AddChoices("flags", DOCS), [DOCS]),
        ([], AddChoices("flags", DOCS, DOCS), [DOCS]),
        ([DEFECT, DOCS], RemoveChoices("flags", DOCS), [DEFECT]),
        ([DEFECT], RemoveChoices("flags", DOCS), [DEFECT]),
        ([DOCS], RemoveChoices("flags", "docs", "defect"), []),
        ([DOCS], AddChoices(RemoveChoices("flags", DOCS), DEFECT), [DEFECT]),
    ],
)
def test_members_are_added_and_removed_by_the_database(
    before, expression, after, django_assert_num_queries
):
    Item.objects.create(flags=before)

    with django_assert_num_queries(1):
        Item.objects.update(flags=expression)

    item = Item.objects.get()
    assert item.flags == Item(flags=after).flags
    assert Item.objects.filter(flags=item.flags).exists(), "it is stored in order"


def test_null_becomes_a_selection_or_stays_null():
    ShopItem.objects.create(sizes=None)

    ShopItem.objects.update(sizes=RemoveChoices("sizes", 1))
    assert ShopItem.objects.get().sizes is None
    ShopItem.objects.update(sizes=AddChoices("sizes", 1))
    assert ShopItem.objects.get().sizes == [1]


@pytest.mark.parametrize("name", [f.name for f in Kinds._meta.fields if f.name != "id"])
def test_every_kind_of_member_can_be_added_in_order(name):
    values = Kinds._meta.get_field(name).choice_set.values
    Kinds.objects.create(**{name: []})

    for value in reversed(values):
        Kinds.objects.update(**{name: AddChoices(name, value)})

    assert getattr(Kinds.objects.get(), name) == getattr(Kinds(**{name: values}), name)
    assert Kinds.objects.filter(**{name: values}).exists()


def test_an_assigned_expression_is_saved():
    item = Item.objects.create(flags=[DOCS])

    item.flags = AddChoices("flags", DEFECT)
    item.save()
    item.refresh_from_db()

    assert item.flags == [DEFECT, DOCS]


def test_the_database_keeps_the_number_of_members():
    Numbered.objects.create(flags=[DOCS, DEFECT])

    with pytest.raises(IntegrityError):
        Numbered.objects.update(flags=AddChoices("flags", ENHANCEMENT))


def test_only_choices_of_such_a_field_are_taken():
    with pytest.raises(ValidationError, match="Value 'dosc' is not a valid choice"):
        Item.objects.update(flags=AddChoices("flags", "dosc"))
    with pytest.raises(FieldError, match="changes a ChoiceArrayField, not"):
        Item.objects.update(flags=AddChoices("pk", DOCS))
    with pytest.raises(TypeError, match="needs a member"):
        RemoveChoices("flags")
