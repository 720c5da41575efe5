from __future__ import annotations

import datetime
import io
import json
import os
import re
import sys
from decimal import Decimal

import pytest
from django.contrib.sites.models import Site
from django.core.management import CommandError, call_command
from django.db import connection

from loaddata_stdin.exceptions import (
    FixtureSyntaxError,
    LoaddataStdinError,
    ObjectLoadError,
)

from .streams import COMPRESSIONS
from .testapp.models import Author, Book, Everything

pytestmark = pytest.mark.django_db


SITE_CONFIG = """\
model: sites.site
pk: 1
fields:
  domain: fieldkit.example
  name: Fieldkit
"""


def test_a_single_mapping_needs_neither_list_nor_format(loaddata):
    output = loaddata(SITE_CONFIG)

    assert Site.objects.get(pk=1).domain == "fieldkit.example"
    assert output == "Installed 1 object(s) from 1 fixture(s)\n"


@pytest.mark.parametrize("format_name", [None, "yaml"])
def test_documents_of_yaml_are_loaded_together(loaddata, format_name):
    loaddata(
        "model: testapp.author\npk: 1\nfields: {name: Ümit}\n---\n"
        "- model: testapp.book\n  pk: 5\n  fields:\n    title: Beds\n"
        "    author: [Ümit]\n    published: 2026-03-01\n    price: 19.90\n",
        format=format_name,
    )

    book = Book.objects.select_related("author").get()
    assert (book.author.name, book.price) == ("Ümit", Decimal("19.90"))
    assert book.published == datetime.date(2026, 3, 1)


def test_a_dump_of_django_comes_back_equal(loaddata):
    Book.objects.create(title="Wicking beds", author=Author.objects.create(name="Mei"))
    dump = io.StringIO()
    call_command("dumpdata", "testapp", stdout=dump)
    Author.objects.all().delete()

    loaddata("\ufeff" + dump.getvalue())

    again = io.StringIO()
    call_command("dumpdata", "testapp", stdout=again)
    assert json.loads(again.getvalue()) == json.loads(dump.getvalue())


def test_references_may_point_forwards(loaddata):
    loaddata(
        "- {model: testapp.book, pk: 1, fields: {title: First, author: [Later]}}\n"
        "- {model: testapp.author, pk: 9, fields: {name: Later}}\n"
    )

    assert Book.objects.get().author_id == 9


def test_sequences_go_on_after_the_keys_that_were_loaded(loaddata):
    loaddata("- {model: testapp.author, pk: 41, fields: {name: Mei}}")

    assert Author.objects.create(name="next").pk == 42


def test_standard_input_is_left_open(loaddata):
    loaddata(SITE_CONFIG)

    assert not sys.stdin.closed


def test_a_text_stream_without_bytes_is_read_too(loaddata):
    loaddata(io.StringIO(SITE_CONFIG))

    assert Site.objects.get(pk=1).name == "Fieldkit"


def test_files_and_standard_input_are_loaded_together(loaddata, tmp_path):
    file = tmp_path / "authors.json"
    file.write_text('[{"model": "testapp.author", "fields": {"name": "File"}}]')

    loaddata(
        "- {model: testapp.author, fields: {name: Both}}",
        str(file),
        "-",
        exclude=["sites"],
    )

    names = Author.objects.order_by("name").values_list("name", flat=True)
    assert list(names) == ["Both", "File"]


def test_a_format_of_the_project_is_left_to_django(loaddata, settings):
    settings.SERIALIZATION_MODULES = {"lines": "django.core.serializers.jsonl"}
    line = '{"model": "testapp.author", "fields": {"name": "Line"}}\n'

    loaddata(io.StringIO(line), format="lines")

    assert Author.objects.get().name == "Line"


def test_a_format_that_nobody_knows_is_refused_with_those_that_there_are(loaddata):
    with pytest.raises(LoaddataStdinError) as caught:
        loaddata("[]", format="JSON")

    assert str(caught.value) == (
        "--format JSON: there is no such format; leave it out, or choose from json,"
        " jsonl, xml, yaml."
    )


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("format_name", ["json", "jsonl", "xml", "yaml"])
def test_a_dump_in_any_format_and_compression_comes_back(loaddata, name, format_name):
    mei = Author.objects.create(name="Mei")
    Book.objects.create(title="Wicking beds", author=mei, price=Decimal("3.10"))
    dump = io.StringIO()
    call_command("dumpdata", "testapp", stdout=dump, format=format_name)
    Author.objects.all().delete()

    loaddata(COMPRESSIONS[name](dump.getvalue().encode()))

    again = io.StringIO()
    call_command("dumpdata", "testapp", stdout=again, format=format_name)
    assert again.getvalue() == dump.getvalue()


def test_text_fields_are_given_what_yaml_says(loaddata):
    loaddata("model: testapp.book\nfields: {title: 010, token: no, price: 1_0.50}")

    book = Book.objects.get()
    assert (book.title, book.token, book.price) == ("010", "no", Decimal("10.50"))


def test_an_unknown_field_is_left_out_on_request(loaddata):
    loaddata("model: testapp.author\nfields: {name: Mei, shoe: 43}", ignore=True)

    assert Author.objects.get().name == "Mei"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            "", "stdin: no objects; send a fixture, or leave out '-'.", id="empty"
        ),
        pytest.param("[{", "stdin: line 1, column 3: no JSON: ", id="syntax"),
        pytest.param(
            b"\n\xff", "stdin: line 2, column 1: byte 0xff is no UTF-8; ", id="bytes"
        ),
    ],
)
def test_a_stream_that_is_no_fixture_is_refused(loaddata, content, message):
    with pytest.raises(FixtureSyntaxError) as caught:
        loaddata(content)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        pytest.param(
            "{model: testapp.author, pk: 2, fields: {name: Mei}}",
            "duplicate key value",
            id="constraint",
        ),
        pytest.param(
            "{model: testapp.shoe, fields: {}}",
            "Invalid model identifier: testapp.shoe",
            id="model",
        ),
        pytest.param(
            "{model: testapp.author, fields: {shoe: 43}}",
            "Author has no field named 'shoe'",
            id="field",
        ),
        pytest.param(
            "{model: testapp.book, pk: 3, fields: {price: many}}",
            "value must be a decimal number",
            id="value",
        ),
        pytest.param(
            '{model: testapp.author, fields: {name: "a\\0b"}}', "NUL", id="NUL"
        ),
    ],
)
def test_an_object_that_cannot_be_loaded_is_named_and_nothing_is_written(
    loaddata, second, problem
):
    first = "{model: testapp.author, pk: 1, fields: {name: Mei}}"

    with pytest.raises(ObjectLoadError) as caught:
        loaddata(f"- {first}\n- {second}\n")

    message = str(caught.value)
    assert re.match(r"stdin: line 2, column \d+, object 2 \(testapp\.", message)
    assert problem in message
    assert "\n" not in message
    assert not Author.objects.exists()


def test_a_reference_to_nothing_is_one_line(loaddata):
    with pytest.raises(ObjectLoadError, match="field author: no testapp"):
        loaddata("- {model: testapp.book, pk: 1, fields: {title: a, author: 77}}")


def test_a_problem_in_a_file_is_not_said_of_standard_input(loaddata, tmp_path):
    file = tmp_path / "broken.json"
    file.write_text('[{"model": "testapp.author", "fields": {"shoe": 43}}]')

    with pytest.raises(ObjectLoadError) as caught:
        loaddata(SITE_CONFIG, "-", str(file))

    assert not str(caught.value).startswith("stdin")
    assert "broken.json" in str(caught.value)


def test_django_answers_for_a_file_alone(loaddata):
    with pytest.raises(CommandError, match="No fixture named 'nowhere' found"):
        loaddata(SITE_CONFIG, "-", "nowhere")


def test_standard_input_can_be_named_once(loaddata):
    with pytest.raises(LoaddataStdinError, match="named twice"):
        loaddata(SITE_CONFIG, "-", "-")


def test_limits_can_be_raised(loaddata):
    text = f"model: testapp.everything\nfields: {{big: 1, text: {'x' * 2_000_000}}}"

    with pytest.raises(FixtureSyntaxError, match="raise --max-object-size"):
        loaddata(text)
    loaddata(text, "-", "--max-object-size", "4M", "--max-window", "16M")

    assert len(Everything.objects.get().text) == 2_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--expect", "-1"], "argument --expect"),
        (["--expect", "all"], "'all' is neither a number of objects nor 'end'"),
        (["--max-window", "8MB"], "argument --max-window: invalid size"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(loaddata, arguments, message):
    with pytest.raises(CommandError, match=message):
        loaddata("[]", "-", *arguments)


@pytest.mark.parametrize("stream", [None, "closed"])
def test_a_closed_standard_input_is_refused(loaddata, stream):
    if stream:
        stream = io.StringIO()
        stream.close()

    with pytest.raises(LoaddataStdinError, match="stdin: it is closed"):
        loaddata(stream)


def test_a_terminal_is_refused_with_a_hint(loaddata):
    leader, follower = os.openpty()
    with (
        os.fdopen(follower, encoding="utf-8") as terminal,
        pytest.raises(LoaddataStdinError, match=r"terminal; .* < site-config\.yaml"),
    ):
        loaddata(terminal)
    os.close(leader)


def test_nothing_is_left_when_a_later_label_fails(loaddata):
    with pytest.raises(CommandError):
        loaddata("- {model: testapp.author, fields: {name: Mei}}", "-", "nowhere")

    assert not Author.objects.exists()
    assert connection.is_usable()
