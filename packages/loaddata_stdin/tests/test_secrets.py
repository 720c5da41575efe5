"""What comes from the environment by --env is in nothing that anybody can read."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_save

from loaddata_stdin import LoaddataStdinError, Options, Substitution, load

from .test_errors import TRIGGER, lines, one
from .testapp.models import Author, Book, Item

PACKAGE = Path(__file__).parents[1]
pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])

SECRETS = {
    "word": "hunter2",
    "long": "hunter2-" + "x" * 300,
    "quotes": "hun\"ter2 'quoted' hunter2",
    "backslash": "hunter2\\n\\tx\\hunter2",
    "lines": "hunter2\nhunter2 second\r\n\thunter2",
    "percent": "hunter2 %s %(x)s %% {} {0}",
    "unicode": "hünter2 ☃ 😀 hunter2",
    "NUL": "hunter2\0hunter2",
    "surrogate": "hunter2\ud800",
    "number": "99999999999999999999998",
    "short": "~9",
}
FIELDS = [
    "big", "boolean", "date", "datetime", "decimal", "duration", "floating", "ip", "time",
    "uuid", "parent", "author",
]  # fmt: skip
# A base64 decoder takes nearly anything; a float and a duration take a large number, as
# does SQLite's integer column, but not as a whole number of 64 bits.
REFUSED_VALUES = [("binary", "unicode")] + [
    (field, name)
    for field in FIELDS
    for name in SECRETS
    if name != "number" or field not in {"floating", "duration"}
]


def parts(secret):
    """What of a secret must be nowhere."""
    forms = {secret, *secret.split(), secret.upper(), repr(secret)[1:-1]}
    return {form for form in forms if len(form) > 1} | {
        secret[:12],
        "hunter2",
        "HUNTER2",
    }


def everything_of(error):
    """What an error shows, with all that hangs on it."""
    texts = "".join(traceback.format_exception(error))
    while error:
        texts += str(error) + repr(error)
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__
        )
    return texts


def assert_hidden(secret, text):
    found = {part for part in parts(secret) if part in text} if text else set()
    # What is no secret, and may stand there: object numbers, names of fields.
    assert not {part for part in found if part in secret or "hunter" in part.lower()}, (
        text
    )


def refusal(using, environ, *objects, **options):
    substitution = Substitution(environ)
    options = Options(using=using, substitution=substitution, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(LoaddataStdinError) as error:
            load(lines(*objects), options=options)
    shown = everything_of(error.value) + "".join(str(w.message) for w in caught)
    for secret in environ.values():
        assert_hidden(secret, shown)
    return error.value


@both
@pytest.mark.parametrize(("field", "name"), REFUSED_VALUES)
def test_a_value_that_a_field_refuses_is_not_shown(using, field, name):
    fields = {"big": 1, field: "${SECRET}"}

    error = refusal(using, {"SECRET": SECRETS[name]}, one("everything", 1, **fields))

    assert f"object 1 (testapp.everything pk=1), field {field}: " in str(error)


SECRET = "hunter2 'a\"b\\c%s\u2603 hunter2"
TRIGGERS = {
    "default": TRIGGER,
    "sqlite": "CREATE TRIGGER refuse BEFORE INSERT ON testapp_author WHEN NEW.name LIKE"
    " '%raise%' BEGIN SELECT RAISE(ABORT, 'the trigger refuses it'); END",
}
REFUSED = [
    pytest.param([one("book", 1, title="a", token="${S}", price="${S}")], id="two fields"),
    pytest.param([one("book", 1, title="a", price="${S}")], id="no number"),
    pytest.param([one("book", "${S}", title="a")], id="primary key"),
    pytest.param([one("book", 1, title="a", author=["${S}"])], id="natural key"),
    pytest.param([one("tag", 1, kind="${S}", name="x")], id="integer"),
    pytest.param([one("post", 1, title="a", author=1, tags=["${S}"])], id="m2m"),
    pytest.param([one("post", 1, title="a", author=1, tags=[["${S}", "x"]])], id="m2m by name"),
    pytest.param([one("key", "${S}", of="${S}")], id="to_field"),
    pytest.param([one("everything", 1, json={"a": ["${S}"]})], id="json beside null"),
    pytest.param([one("author", 1, name="${S}"), one("author", 2, name="${S}")], id="unique"),
    pytest.param([one("author", 1, name="raise ${S}")], id="trigger"),
    pytest.param([one("stock", 1, name="${S}", count=-1, price=1)], id="check"),
    pytest.param([one("post", 1, title="${S}", author=None)], id="not null"),
    pytest.param([one("cell", ["${S}", 1], row="${S}", column=1)], id="two columns"),
    pytest.param([one("author", 1, name="${S}"), one("author", 2, shoe="${S}")], id="no field"),
    pytest.param([one("author", 1, name="${S}"), one("book", 2, title="x", author=99)], id="other object"),
]  # fmt: skip


@both
@pytest.mark.parametrize("most_errors", [1, 9])
@pytest.mark.parametrize("way", ["bulk", "one by one"])
@pytest.mark.parametrize("objects", REFUSED)
def test_a_secret_is_in_no_error(using, objects, way, most_errors):
    with connections[using].cursor() as cursor:
        cursor.execute(TRIGGERS[using])

    def receive(instance, **_):
        if getattr(instance, "name", "").startswith("raise"):
            raise ValueError(instance.name.upper())

    if way == "one by one":
        post_save.connect(receive)
    try:
        refusal(using, {"S": SECRET}, *objects, most_errors=most_errors)
    finally:
        post_save.disconnect(receive)


@both
def test_a_secret_key_of_an_object_is_not_shown(using):
    error = refusal(
        using,
        {"ID": "73519"},
        one("author", "${ID}", name="a"),
        one("author", 2, name="a"),
        one("book", "${ID}", title="a", author="${ID}", price="x"),
        most_errors=9,
    )

    assert "(testapp.book pk=***)" in error.errors[1]
    assert (
        "line 1, column 1, object 1 (testapp.author pk=***) has it" in error.errors[0]
    )


@both
def test_whole_numbers_keys_and_lists_are_substituted(using):
    environ = {"ID": "7", "NAME": "Mei", "KIND": "3"}
    load(
        lines(
            one("author", "${ID}", name="${NAME}"),
            one("tag", 1, kind="${KIND}", name="x"),
            one("post", 1, title="a", author="${ID}", tags=["${TAG:-1}"]),
            one("post", 2, title="a", author=["${NAME}"], tags=[["${KIND}", "x"]]),
            one("item", 1, data={"${ID}": [{"a": "${NAME}"}]}, code="0" * 32),
        ),
        options=Options(using=using, substitution=Substitution(environ)),
    )

    assert Author.objects.using(using).get().pk == 7
    assert Item.objects.using(using).get().data == {"${ID}": [{"a": "Mei"}]}


@pytest.mark.parametrize("secret", ["1", "no", "a"])
def test_a_short_secret_leaves_a_message_that_can_be_read(secret):
    substitution = Substitution({"S": secret})
    substitution("${S}")

    shown = substitution.masked(f"line 11: no way, {secret}: a is nothing")

    assert f" {secret}:" not in shown
    assert shown.startswith("line 11:")


@both
def test_a_naive_moment_is_in_no_warning(using):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(
            lines(one("item", 1, moment="${WHEN}", made="${DAY}")),
            options=Options(
                using=using,
                substitution=Substitution(
                    {"WHEN": "2026-03-01 12:34:56", "DAY": "2026-03-01"}
                ),
            ),
        )

    assert not caught
    assert Item.objects.using(using).get().moment.minute == 34


@both
def test_a_secret_is_in_no_log_of_queries(using, settings, caplog, monkeypatch):
    settings.DEBUG = True
    caplog.set_level(logging.DEBUG, "django.db.backends")
    monkeypatch.setenv("SECRET", "hunter2")
    monkeypatch.setattr(
        sys,
        "stdin",
        io.BytesIO(
            lines(
                one("author", 1, name="${SECRET}"),
                one("book", 1, title="a", author=["${SECRET}"]),
            )
        ),
    )
    output = io.StringIO()
    connections[using].queries_log.clear()

    call_command("loaddata", "-", env=True, database=using, verbosity=3, stdout=output)

    assert Book.objects.using(using).get().author.name == "hunter2"
    with_secret = [
        q["sql"] for q in connections[using].queries if "hunter2" in q["sql"]
    ]
    assert not with_secret
    assert "hunter2" not in caplog.text
    assert "hunter2" not in output.getvalue()


@pytest.mark.parametrize("options", [[], ["--traceback", "-v", "3"]])
@pytest.mark.django_db(transaction=True)
def test_a_secret_is_in_no_output_of_the_program(tmp_path, environment, options):
    program = (
        f"import sys; sys.path.insert(0, {str(PACKAGE)!r})\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(sys.argv)"
    )
    sent = lines(one("author", 1, name="${SECRET}"), one("author", 2, name="${SECRET}"))

    done = subprocess.run(
        [sys.executable, "-c", program, "loaddata", "-", "--env", *options],
        cwd=tmp_path,
        env={**environment, "SECRET": "hunter2"},
        input=sent,
        capture_output=True,
    )

    assert done.returncode == 1
    assert b"object 2 (testapp.author pk=2), field name: duplicate key" in done.stderr
    assert b"hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("token", "hunter2" * 3, "longer than 20 characters"),
        ("price", "12345.00", "too large: it may have 4 digits before the point"),
        ("author", "9" * 20, f"not between {-(2**63)} and {2**63 - 1}"),
        ("title", "hunter2\0", "a text with a NUL character"),
        ("published", "hunter2", "no value of a DateField"),
    ],
)
def test_a_refusal_names_the_reference_and_what_is_wrong(field, value, problem):
    fields = {"title": "a", field: "${SECRET}"}

    error = refusal("default", {"SECRET": value}, one("book", 1, **fields))

    assert str(error).endswith(
        f", object 1 (testapp.book pk=1), field {field}: '${{SECRET}}' gives a value"
        f" that is {problem}."
    )
