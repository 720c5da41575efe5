"""Primary keys that are something else in Python than in the database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError

from .test_load import one
from .test_modes import loaded
from .testapp import made, models

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]
KEYS = {
    "coded": ["0f0a1c2e-4f0a-1c2e-4f0a-1c2e4f0a1c2e", "1" * 32],
    "key": ["a", "b"],
    "lax": ["u-5", "u-6"],
    "moment": ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123Z"],
    "slot": [1, 2],
    "span": ["1 00:00:00", "P2DT0.5S"],
    "strict": ["u-5", "u-6"],
}
NAMED = ["lax", "moment", "span", "strict"]
PLACES = [one("place", 1, name="a"), one("place", 2, name="b")]


def objects_of(name):
    """Return two objects, with what they need before them."""
    more = {"slot": [{"rank": 1}, {"rank": 2}]}.get(name, [{}, {}])
    if name in NAMED:
        more = [{"name": "good"}, {"name": "bad"}]
    pairs = zip(KEYS[name], more, strict=True)
    return [one(name, key, **fields) for key, fields in pairs]


def count(name, using):
    return getattr(models, name.title()).objects.using(using).count()


@pytest.mark.parametrize("name", KEYS)
def test_each_row_is_validated(using, way, name, monkeypatch):
    def clean(self):
        raise ValidationError("it is bad")

    monkeypatch.setattr(getattr(models, name.title()), "clean", clean)
    loaded(PLACES, using)

    with pytest.raises(ObjectValueError, match=r"object 1 .* it is bad"):
        loaded(objects_of(name)[:1], using, is_validated=True)


@pytest.mark.parametrize("name", NAMED)
def test_a_row_that_is_fine_hides_none_that_is_not(using, way, name):
    with pytest.raises(ObjectValueError, match=r"object 2 .*: it is bad"):
        loaded(objects_of(name), using, is_validated=True)


def test_a_row_that_is_gone_is_no_valid_one(using):
    def receive(instance, **_):
        models.Author.objects.using(using).filter(pk=1).delete()

    post_save.connect(receive, sender=models.Author)
    try:
        with pytest.raises(
            ObjectIntegrityError, match=r"object 1 .*: its row is not found again"
        ):
            loaded([one("author", 1, name="Mei")], using, is_validated=True)
    finally:
        post_save.disconnect(receive, sender=models.Author)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_missing_is_deleted(using, way, name):
    objects = objects_of(name)
    loaded(objects, using)
    said = []

    loaded(objects[:1], using, deletes_missing=True, differ=said.append)

    assert len(said) == count(name, using) == 1


@pytest.mark.parametrize("name", NAMED)
def test_a_row_is_found_by_its_name(using, way, name):
    first, second = objects_of(name)
    loaded([first], using)

    report = loaded(
        [{**second, "fields": first["fields"]}],
        using,
        keys={f"testapp.{name}": ["name"]},
        deletes_missing=True,
        is_validated=True,
    )

    counts = report.of(f"testapp.{name}")
    assert (counts.unchanged, counts.deleted) == (1, 0)


@pytest.mark.parametrize("name", NAMED)
def test_two_equal_objects_get_one_key(using, way, name):
    [first, second] = objects_of(name)
    second = {**second, "fields": first["fields"]}

    loaded([first, second, first], using, keys={f"testapp.{name}": ["name"]})

    assert count(name, using) == 1


def test_a_key_that_is_followed_is_deleted(using):
    loaded([*objects_of("strict"), one("hint", 1, of="u-5")], using)

    with pytest.raises(ObjectIntegrityError, match=r"stay: testapp.hint pk=1;"):
        loaded(objects_of("strict")[1:], using, deletes_missing=True)
    loaded(
        [objects_of("strict")[1], one("hint", 2, of="u-6")],
        using,
        deletes_missing=True,
    )

    assert count("strict", using) == count("hint", using) == 1


def test_a_row_that_is_not_found_by_its_key_is_not_deleted(using, monkeypatch):
    loaded(objects_of("lax"), using)
    monkeypatch.setattr(made.LaxField, "from_db_value", lambda *_: "u-9")

    with pytest.raises(ObjectIntegrityError, match="not found by their keys"):
        loaded(objects_of("lax")[:1], using, deletes_missing=True)
