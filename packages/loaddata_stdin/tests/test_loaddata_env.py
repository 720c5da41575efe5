from __future__ import annotations

import pytest

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectLoadError,
    SubstitutionError,
)

from .testapp.models import Author, Book

pytestmark = pytest.mark.django_db


def test_the_environment_is_put_in_place_of_its_names(loaddata, monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret: '")

    loaddata(
        "- {model: testapp.book, pk: '${PK:-7}', fields: {title: '${TOKEN}'}}", env=True
    )

    assert Book.objects.get(pk=7).title == "s3cret: '"


def test_without_the_option_a_dollar_is_a_dollar(loaddata):
    loaddata("- {model: testapp.author, fields: {name: '${HOME}'}}")

    assert Author.objects.get().name == "${HOME}"


def test_a_missing_variable_is_named_with_its_object(loaddata):
    with pytest.raises(SubstitutionError) as caught:
        loaddata(
            "- {model: testapp.author, fields: {name: '${FIELDKIT_UNSET:?run make secrets}'}}",
            env=True,
        )

    assert str(caught.value) == (
        "stdin: line 1, column 3, object 1 (testapp.author):"
        " FIELDKIT_UNSET is unset: run make secrets."
    )


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            "{model: testapp.author, pk: 2, fields: {name: '${SECRET}'}}",
            id="constraint",
        ),
        pytest.param("{model: testapp.book, pk: '${SECRET}', fields: {}}", id="key"),
        pytest.param("{model: testapp.book, fields: {price: '${SECRET}'}}", id="type"),
        pytest.param(
            "{model: testapp.book, fields: {title: a, token: '${SECRET}'}}", id="length"
        ),
    ],
)
def test_a_secret_never_appears_in_an_error(loaddata, monkeypatch, second):
    secret = "hunter2-" + "x" * 60
    monkeypatch.setenv("SECRET", secret)
    first = "{model: testapp.author, pk: 1, fields: {name: '${SECRET}'}}"

    with pytest.raises(ObjectLoadError) as caught:
        loaddata(f"- {first}\n- {second}", env=True)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "object 2" in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "options"), [(["-"], {"format": "lines"}), (["a.json"], {})]
)
def test_env_is_refused_where_it_would_do_nothing(loaddata, settings, labels, options):
    settings.SERIALIZATION_MODULES = {"lines": "django.core.serializers.jsonl"}

    with pytest.raises(LoaddataStdinError, match="--env is for '-'"):
        loaddata("[]", *labels, env=True, **options)
