"""Models of every make: children of others, keys that are references."""

from __future__ import annotations

import pytest

from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.load import Options, load

from .test_load import CODE, assert_as_django, one, stream
from .testapp import models

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])
MODELS = [
    *(models.Bistro, models.Cafe, models.Item, models.Landmark, models.Note),
    *(
        models.Cell,
        models.Picture,
        models.Place,
        models.Loud,
        models.Step,
        models.Drawn,
        models.Pinned,
        models.Loud.tags.through,
        models.Slot,
    ),
]
PLACES = [one("place", 1, name="a"), one("place", 2, name="b")]
SHAPES = [
    pytest.param(
        [*PLACES, one("cafe", 1, seats=1, name="of the child")],
        id="a parent's field in a child",
    ),
    pytest.param(
        [one("bistro", 1, stars=3), one("cafe", 1, seats=2), PLACES[0]],
        id="children before their parents",
    ),
    pytest.param(
        [*PLACES, one("landmark", 2, height=5), one("landmark", None, at=1)],
        id="a key that is the parent's",
    ),
    pytest.param([*PLACES, one("eatery", 2), one("cafe", 1)], id="a proxy"),
    pytest.param(
        [
            *PLACES,
            one("slot", 1, rank=5, after=6),
            one("slot", "2", rank=6, note="x"),
        ],
        id="a key that is a reference, and a reference to a unique column",
    ),
    pytest.param(
        [one("item", 1, code=CODE, id=7), one("item", 2, code=CODE, id=7, text="x")],
        id="a key among the fields",
    ),
    pytest.param(
        [one("item", None, code=CODE, id=7), one("item", None, code=CODE)],
        id="a key among the fields only",
    ),
    pytest.param(
        [one("note", 1, row=1, column=2), one("cell", [1, 2], row=1, column=2)],
        id="a reference of two columns",
    ),
    pytest.param(
        [one("author", 1, name="Mei"), one("picture", 1, file="a.png", owner=1)],
        id="a file, and a default that would fail",
    ),
    pytest.param(
        [
            one("author", 1, name="Mei"),
            one("tag", 1, kind=1, name="x"),
            one("loud", 3, name="a", author=["Mei"], tags=[[1, "x"]]),
            one("loud", 4, name="b", author=1, tags=[1]),
            one("loud", 5, name="c", author=None),
        ],
        id="objects that change what they are made of",
    ),
    pytest.param(
        [one("author", 1, name="Mei"), one("step", 2, of=1), one("step", 1, of=1)],
        id="an order that is counted",
    ),
    pytest.param(
        [
            one("tag", 1, kind=1, name="x"),
            one("drawn", 1),
            one("drawn", 2, tags=[1], size=3),
        ],
        id="a default of the database, and a model between",
    ),
]


@both
@pytest.mark.parametrize("objects", SHAPES)
def test_models_are_as_after_the_command_of_django(tmp_path, using, objects):
    assert_as_django(tmp_path, using, objects, MODELS)


@both
def test_what_an_object_asks_when_it_is_made_has_been_written(using, monkeypatch):
    def made(self, *args, **kwargs):
        super(models.Remark, self).__init__(*args, **kwargs)
        models.Author.objects.using(using).get_or_create(name="Mei")

    monkeypatch.setattr(models.Remark, "__init__", made)

    load(
        stream([one("author", 7, name="Mei"), one("remark", 1, about=7)]),
        options=Options(using=using),
    )

    assert models.Author.objects.using(using).get().pk == 7


@both
def test_rows_change_in_the_order_of_the_stream(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [one("slot", 3, rank=9), one("slot", 2, rank=3), one("slot", 1, rank=2)],
        MODELS,
        [
            *PLACES,
            one("place", 3, name="c"),
            *(one("slot", n, rank=n) for n in (1, 2, 3)),
        ],
    )


@both
def test_a_child_without_a_parent_is_refused_with_its_place(using):
    with pytest.raises(
        ObjectIntegrityError,
        match=r"^line 1, column 64, object 2 \(testapp.cafe pk=9\), field place_ptr: no"
        r" testapp.place has the key 9\.$",
    ):
        load(stream([PLACES[0], one("cafe", 9)]), options=Options(using=using))


@both
@pytest.mark.parametrize("name", ["post", "node_set", "item"])
def test_what_other_models_hold_is_refused(using, name):
    what = f"no field named '{name}'"
    if name == "post":
        what = "holds no 'post': others hold it"

    for model in ("author", "tag"):
        with pytest.raises(ObjectValueError, match=f"{model} pk=1.*{what}"):
            load(
                stream([one(model, 1, **{name: [1]})]),
                options=Options(using=using),
            )


def test_a_value_that_an_object_cannot_be_made_of_is_refused_with_its_place():
    with pytest.raises(
        ObjectValueError,
        match=r"^line 1, column 71, object 1 \(testapp.loud pk=1\), field author: ",
    ):
        load(stream([one("loud", 1, name="a", author="Mei")]))
