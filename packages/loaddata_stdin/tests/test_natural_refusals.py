"""Natural keys that cannot be looked up: each is one problem, with its place."""

from __future__ import annotations

import pytest

from loaddata_stdin.exceptions import ManyObjectsError, ObjectValueError
from loaddata_stdin.load import Options, load

from .test_load import one, stream
from .testapp.models import Alias

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]
REFUSED = [
    pytest.param("get", "numbered", "abc", "expected a number", id="no number"),
    pytest.param("table", "alias", "zz", "'zz'", id="any error"),
    pytest.param("none", "alias", "zz", "returns None", id="none"),
    pytest.param("get", "alias", "\ud800", "surrogates not allowed", id="surrogate"),
    pytest.param(
        "lower", "alias", "\ud800", "surrogates", id="surrogate for a manager"
    ),
    pytest.param("get", "alias", "a\0b", r"NUL|no testapp.alias", id="NUL"),
    pytest.param(
        "lower", "alias", "\0", r"NUL|no testapp.alias", id="NUL for a manager"
    ),
]


def linked(model, pk, name, **keys):
    fields = {"number": pk} if model == "numbered" else {"name": f"n{pk}"}
    return one(model, pk, **fields, **keys)


@pytest.mark.parametrize(("way", "model", "name", "message"), REFUSED)
@pytest.mark.parametrize("field", ["of", "others"])
def test_a_key_that_cannot_be_looked_up_is_refused(
    using, monkeypatch, field, way, model, name, message
):
    monkeypatch.setattr(type(Alias.objects), "way", way)
    key = [name] if field == "of" else [[name]]
    objects = [linked(model, 1, name), linked(model, 2, name, **{field: key})]

    with pytest.raises(
        ObjectValueError,
        match=rf"^line 1, column \d+, object 2 \(.* pk=2\)(, field {field})?: .*({message})",
    ):
        load(stream(objects), options=Options(using=using))


@pytest.mark.parametrize(("way", "model", "name", "message"), REFUSED)
def test_keys_that_cannot_be_looked_up_are_collected(
    using, monkeypatch, way, model, name, message
):
    monkeypatch.setattr(type(Alias.objects), "way", way)
    objects = [
        linked(model, 1, name),
        linked(model, 2, name, of=[name]),
        linked(model, 3, name, of=[f"{name}x"]),
        linked(model, 4, name, others=[[f"{name}y"]]),
        linked(model, 5, name, of=[5, 6, 7]),
    ]

    with pytest.raises(ManyObjectsError) as refusal:
        load(stream(objects), options=Options(using=using, most_errors=9))

    numbers = [line.split("object ")[1][0] for line in refusal.value.errors]
    assert numbers == ["2", "3", "4", "5"]


@pytest.mark.parametrize("way", ["get", "lower"])
def test_a_name_that_is_no_text_is_refused(using, monkeypatch, way):
    monkeypatch.setattr(type(Alias.objects), "way", way)

    with pytest.raises(ObjectValueError, match=r"^line 1, .* object 1 .* surrogates"):
        load(stream([one("alias", 1, name="\ud800")]), options=Options(using=using))
