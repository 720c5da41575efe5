"""One canonical value, however it is given."""

from __future__ import annotations

from collections import UserDict

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from choice_array_field import ChoiceArrayField

from .histories import model
from .testapp.models import (
    Flag,
    Item,
    Kinds,
    Loose,
    Numbered,
    Optional,
    Size,
)

BOTH = [Flag.DEFECT, Flag.DOCS]


WAYS = pytest.mark.parametrize(
    "way",
    [
        pytest.param(lambda: ["docs", "defect", "docs"], id="list"),
        pytest.param(lambda: (Flag.DOCS, "defect"), id="tuple"),
        pytest.param(lambda: {"docs", Flag.DEFECT}, id="set"),
        pytest.param(lambda: frozenset(BOTH), id="frozenset"),
        pytest.param(lambda: (flag for flag in BOTH), id="generator"),
        pytest.param(lambda: dict.fromkeys(BOTH).keys(), id="keys"),
        pytest.param(lambda: map(str, BOTH), id="map"),
    ],
)


NO_LISTS = pytest.mark.parametrize(
    "value",
    [
        pytest.param("docs", id="text"),
        pytest.param(Flag.DOCS, id="member"),
        pytest.param('["docs"]', id="json"),
        pytest.param(b"docs", id="bytes"),
        pytest.param(7, id="number"),
        pytest.param({"docs": 1}, id="mapping"),
        pytest.param(UserDict(docs=1), id="other mapping"),
    ],
)


@WAYS
def test_it_is_canonical_when_it_is_assigned(way):
    item = Item(flags=way())
    assert item.flags == BOTH
    assert {type(flag) for flag in item.flags} == {Flag}

    item.flags = way()
    assert item.flags == BOTH
    item.full_clean()
    assert item.flags == BOTH


@pytest.mark.django_db
@WAYS
def test_it_is_the_same_in_the_database(way):
    item = Item.objects.create(flags=way())
    Item.objects.bulk_create([Item(flags=way())])
    Item.objects.create()
    Item.objects.filter(flags=[]).update(flags=way())

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT flags FROM testapp_item")
        assert cursor.fetchall() == [(["defect", "docs"],)]
    assert Item.objects.filter(flags=way()).count() == 3
    assert Item.objects.filter(flags__in=[way()]).count() == 3
    assert Item.objects.filter(flags__contains=way()).count() == 3
    assert item.flags == Item.objects.get(pk=item.pk).flags


@pytest.mark.django_db
def test_a_list_that_is_changed_in_place_is_in_order_when_it_is_saved():
    item = Item.objects.create(flags=["docs"])
    held = item.flags

    held.append("defect")
    held.append("defect")

    item.save()
    assert item.flags == BOTH
    assert item.flags is held
    assert Item.objects.get().flags == item.flags


def test_two_instances_do_not_share_a_default():
    first, second = Numbered(), Numbered()

    first.sizes.pop()

    assert first.sizes == [Size.SMALL]
    assert second.sizes == [Size.SMALL, Size.LARGE]
    assert Numbered._meta.get_field("sizes").default == (Size.SMALL, Size.LARGE)


@NO_LISTS
def test_what_is_no_list_is_named_by_full_clean(value):
    item = Item(flags=value)
    assert item.flags is value

    with pytest.raises(ValidationError) as caught:
        item.full_clean()

    [text] = caught.value.message_dict["flags"]
    assert text.endswith("Enter a list of values.")
    assert caught.value.error_dict["flags"][0].code == "invalid_list"


@pytest.mark.django_db
@NO_LISTS
def test_what_is_no_list_is_not_written(value):
    for write in (Item(flags=value).save, lambda: Item.objects.update(flags=value)):
        with pytest.raises(ValidationError, match="Enter a list of values"):
            write()
    with pytest.raises(ValidationError, match="Enter a list of values"):
        Item.objects.filter(flags=value)


@pytest.mark.parametrize(
    ("model_class", "values", "texts"),
    [
        (
            Item,
            ["defct", "docs"],
            ["Value 'defct' is not a valid choice. Did you mean “defect”?"],
        ),
        (
            Item,
            ["x", None],
            [
                "Value 'x' is not a valid choice.",
                "Value 'None' is not a valid choice.",
            ],
        ),
        (Numbered, [], ["This field cannot be blank."]),
        (Numbered, None, ["This field cannot be null."]),
        (Numbered, [*Flag], ["Choose at most 2; 3 are chosen."]),
    ],
    ids=str,
)
def test_an_error_names_the_value_and_the_choice_that_is_near(
    model_class, values, texts
):
    with pytest.raises(ValidationError) as caught:
        model_class(flags=values).full_clean()

    assert caught.value.message_dict["flags"] == texts


def test_an_item_that_can_be_no_value_is_named():
    numbered = Numbered(flags=["docs"], sizes=[9, "ten", ["x"]])
    assert numbered.sizes == [9, "ten", ["x"]]

    with pytest.raises(ValidationError, match="“ten” value must be an integer"):
        numbered.full_clean()
    with pytest.raises(ValidationError, match="is not a valid choice"):
        Item(flags=[["docs"]]).full_clean()


def test_a_long_value_is_shortened_and_many_are_counted():
    with pytest.raises(ValidationError) as caught:
        Item(flags=["x" * 9999, *map(str, range(999))]).full_clean()

    texts = caught.value.message_dict["flags"]
    assert len(texts) == 5
    assert all(len(text) < 150 for text in texts)


def test_too_few_are_counted():
    with pytest.raises(ValidationError, match="Choose at least 2; 1 is chosen"):
        Numbered(flags=["docs"], sizes=[9]).full_clean()
    Numbered(flags=["docs"], sizes=[]).full_clean()


@pytest.mark.django_db
def test_full_clean_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        Item(flags=BOTH).full_clean()
        Numbered(flags=BOTH).full_clean()
        Kinds(char=["b"]).full_clean()


@pytest.mark.django_db
def test_null_and_empty_are_two_values():
    null, empty = Optional.objects.create(), Optional.objects.create(flags=[])

    assert [null.flags, empty.flags] == [None, []]
    null.full_clean()
    assert Optional.objects.get(flags=None) == null
    assert Optional.objects.get(flags__isnull=True) == null
    assert Optional.objects.get(flags=[]) == empty
    assert Optional.objects.get(flags__len=0) == empty
    assert null.get_flags_display() == empty.get_flags_display() == ""


def test_labels_are_shown_in_declared_order():
    assert Item(flags=[*Flag][::-1]).get_flags_display() == (
        "Defect, Enhancement, Documentation"
    )
    assert Loose(flags=["zz", "docs"]).get_flags_display() == "Documentation, zz"
    assert Kinds(slug=["s-0", "s-1"]).get_slug_display() == "One, Zero"


def test_what_does_not_fit_is_shown_as_it_is():
    assert Item(flags="docs").get_flags_display() == "docs"
    assert (
        Item(flags=[["docs"], "docs"]).get_flags_display() == "Documentation, ['docs']"
    )


def test_a_display_of_the_models_own_is_kept():
    own = model(flags=ChoiceArrayField(Flag), get_flags_display=lambda self: "own")

    assert own(flags=["docs"]).get_flags_display() == "own"


def test_choices_belong_to_the_base_field():
    with pytest.raises(TypeError, match="give them to its base field"):
        ChoiceArrayField(Flag, choices=[("a", "A")])
    with pytest.raises(TypeError, match="an enum or a model field, not a list"):
        ChoiceArrayField([("a", "A")])


@pytest.mark.parametrize("lookup", ["contains", "contained_by", "overlap", "exact"])
def test_text_that_postgresql_cannot_hold_is_refused_before_it_is_sent(lookup):
    with pytest.raises(ValidationError, match="is not a valid choice"):
        Item.objects.filter(**{f"flags__{lookup}": ["do\0cs"]})
