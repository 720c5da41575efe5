from __future__ import annotations

import re

import pytest

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectLoadError,
    SubstitutionError,
)

from .testapp.models import Author, Book, Everything

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
        "stdin: line 1, column 42, object 1 (testapp.author),"
        " field name: FIELDKIT_UNSET is unset: run make secrets."
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


def test_the_text_of_a_file_is_put_in_place_of_its_name(loaddata, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("hunter2\n")

    loaddata(
        f"- {{model: testapp.author, fields: {{name: '${{file:{secret}}}'}}}}", env=True
    )

    assert Author.objects.get().name == "hunter2"


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("token", id="length"),
        pytest.param("price", id="type"),
        pytest.param("author", id="key"),
        pytest.param("published", id="date"),
    ],
)
def test_the_lines_of_a_file_never_appear_in_an_error(loaddata, tmp_path, field):
    secret = tmp_path / "key"
    secret.write_text("-----BEGIN-----\nhunter2 'a'\n-----END-----\n")

    with pytest.raises(ObjectLoadError) as caught:
        loaddata(
            f"model: testapp.book\nfields: {{{field}: '${{file:{secret}}}'}}\n",
            env=True,
        )

    assert not {"hunter2", "BEGIN", "END"} & set(re.findall(r"\w+", str(caught.value)))


def test_a_secret_in_json_that_xml_holds_stays_one_string(loaddata, monkeypatch):
    monkeypatch.setenv("TOKEN", '", "admin": true, "')

    loaddata(
        '<django-objects><object model="testapp.everything"><field name="big">1</field>'
        '<field name="json">{"token": "${TOKEN}"}</field></object></django-objects>',
        env=True,
    )

    assert Everything.objects.get().json == {"token": '", "admin": true, "'}


@pytest.mark.parametrize(
    ("labels", "options"), [(["-"], {"format": "lines"}), (["a.json"], {})]
)
def test_env_is_refused_where_it_would_do_nothing(loaddata, settings, labels, options):
    settings.SERIALIZATION_MODULES = {"lines": "django.core.serializers.jsonl"}

    with pytest.raises(LoaddataStdinError, match="--env is for '-'"):
        loaddata("[]", *labels, env=True, **options)
