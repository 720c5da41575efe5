from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.models.signals import post_save

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


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("${TOKEN:-new}", None),
        ("${TOKEN:-}", None),
        ("${TOKEN:-new}", ""),
        ("${TOKEN}", ""),
        ("${TOKEN}", "s3cret"),
    ],
)
def test_the_secret_of_an_earlier_load_is_in_no_diff(
    loaddata, monkeypatch, reference, value, way
):
    Author.objects.create(pk=1, name="hunter2")
    monkeypatch.delenv("TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("TOKEN", value)
    fixture = f"- {{model: testapp.author, pk: 1, fields: {{name: '{reference}'}}}}"

    output = loaddata(fixture, env=True, dry_run=True, diff=True)

    assert "name: *** -> ***" in output
    assert "hunter2" not in output


def test_a_foreign_fixture_may_use_what_is_allowed(loaddata, monkeypatch):
    monkeypatch.setenv("SHOP_NAME", "Fieldkit")
    fixture = "- {{model: testapp.author, fields: {{name: '${{{}}}'}}}}"

    loaddata(fixture.format("SHOP_NAME"), env_allow=["SHOP_*"])
    with pytest.raises(SubstitutionError) as caught:
        loaddata(fixture.format("DATABASE_URL"), env_allow=["SHOP_*"])

    assert [each.name for each in Author.objects.all()] == ["Fieldkit"]
    assert str(caught.value) == (
        "stdin: line 1, column 42, object 1 (testapp.author), field name:"
        " DATABASE_URL is not allowed, only SHOP_*; allow it with --env-allow, or take"
        " the reference out."
    )


def test_what_is_allowed_must_be_a_name_or_a_folder(loaddata):
    with pytest.raises(LoaddataStdinError) as caught:
        loaddata("[]", env_allow=["/run/secrets"])

    assert str(caught.value) == (
        "--env-allow '/run/secrets' is neither the name of a variable, such as SHOP_*,"
        " nor a folder, such as file:/run/secrets."
    )


def test_refused_rows_are_kept_out_of_the_log_of_the_server_for_the_load(
    loaddata, monkeypatch
):
    monkeypatch.setenv("TOKEN", "hunter2")
    seen = []
    may_set = "current_setting('is_superuser')::boolean"
    if connection.pg_version >= 150000:
        may_set += " OR has_parameter_privilege('log_error_verbosity', 'SET')"

    def look(**_):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT current_setting('log_error_verbosity'), {may_set}")
            seen.append(cursor.fetchone())

    fixture = "- {model: testapp.author, pk: 1, fields: {name: '${TOKEN}'}}"
    post_save.connect(look)
    try:
        loaddata(fixture)
        loaddata(fixture, env=True)
    finally:
        post_save.disconnect(look)

    [(before, _), (during, may)] = seen
    assert before == "default"
    assert during == ("terse" if may else "default")
