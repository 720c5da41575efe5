from __future__ import annotations

import datetime
import io
import json
import os
import re
import sys
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_save

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


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "is_said"), [(999, False), (1000, True)], ids=["few", "many"]
)
def test_a_large_load_that_is_not_in_bulk_says_why(
    loaddata, capsys, monkeypatch, count, is_said
):
    def receive(**_):
        pass

    lines = [
        json.dumps({"model": "testapp.author", "pk": n, "fields": {"name": str(n)}})
        for n in range(count)
    ]
    post_save.connect(receive)
    try:
        loaddata("\n".join(lines), expect=count)
    finally:
        post_save.disconnect(receive)

    expected = (
        "stdin: 1000 of 1000 objects were saved one by one, as Django does, not in bulk:"
        " testapp.author: "
    )
    assert (expected in capsys.readouterr().err) == is_said


def test_a_dump_whose_content_types_have_other_ids_is_loaded_by_their_names(loaddata):
    """As the reference says; the ids of the dump are those of other rows here."""
    types = list(ContentType.objects.order_by("pk"))
    others = dict(
        zip([t.pk for t in types], [t.pk for t in types[1:] + types[:1]], strict=True)
    )
    permissions = list(Permission.objects.order_by("pk"))
    moved = {p.pk: 10_000 + p.pk for p in permissions}
    wanted = [p for p in permissions if p.codename in ("add_group", "delete_user")]
    dump = [
        *(
            {
                "model": "contenttypes.contenttype",
                "pk": others[t.pk],
                "fields": {"app_label": t.app_label, "model": t.model},
            }
            for t in types
        ),
        *(
            {
                "model": "auth.permission",
                "pk": moved[p.pk],
                "fields": {
                    "name": p.name,
                    "codename": p.codename,
                    "content_type": others[p.content_type_id],
                },
            }
            for p in permissions
        ),
        {
            "model": "auth.group",
            "pk": 1,
            "fields": {"name": "a", "permissions": [moved[p.pk] for p in wanted]},
        },
    ]

    loaddata(
        json.dumps(dump),
        key=[
            "contenttypes.contenttype=app_label,model",
            "auth.permission=content_type,codename",
        ],
    )

    assert list(ContentType.objects.order_by("pk")) == types
    assert list(Permission.objects.order_by("pk")) == permissions
    assert {*Group.objects.get().permissions.all()} == {*wanted}


class TestAFileThatIsNamed:
    @pytest.fixture
    def name(self, tmp_path, monkeypatch):
        """Write a fixture in the present folder; return its name."""
        monkeypatch.chdir(tmp_path)

        def write(text, name="site.yaml"):
            data = text if isinstance(text, bytes) else text.encode()
            tmp_path.joinpath(name).write_bytes(data)
            return name

        return write

    def test_it_is_read_as_standard_input_is(self, name, capfd):
        output = io.StringIO()
        call_command("loaddata", name(SITE_CONFIG), stdout=output, stderr=output)

        assert Site.objects.get(pk=1).domain == "fieldkit.example"
        assert output.getvalue() == "Installed 1 object(s) from 1 fixture(s)\n"
        assert capfd.readouterr().err == ""

    @pytest.mark.parametrize("compression", [None, *COMPRESSIONS])
    def test_what_dumpdata_counts_is_loaded(self, name, compression):
        Author.objects.create(name="Mei")
        dumped = io.StringIO()
        call_command("dumpdata", "testapp.author", count=True, stdout=dumped)
        compress = COMPRESSIONS.get(compression, bytes)
        suffix = {None: "", "gzip": ".gz", "zstd": ".zst"}.get(
            compression, f".{compression}"
        )
        path = name(compress(dumped.getvalue().encode()), f"d.jsonl{suffix}")
        Author.objects.all().delete()

        call_command("loaddata", path, verbosity=0)

        assert Author.objects.get().name == "Mei"

    def test_a_mistake_is_one_line_with_the_name_of_the_file(self, name):
        path = name("- {model: testapp.author, pk: 1, fields: {nom: Mei}}\n")

        with pytest.raises(
            ObjectLoadError, match=r"^site\.yaml: line 1, column 3, object 1 .*nom"
        ):
            call_command("loaddata", path)

    def test_its_options_are_those_of_standard_input(self, name, monkeypatch):
        monkeypatch.setenv("AUTHOR", "Mei")
        path = name("- {model: testapp.author, pk: 1, fields: {name: '${AUTHOR}'}}\n")
        output = io.StringIO()

        call_command("loaddata", path, env=True, dry_run=True, diff=True, stdout=output)

        assert "+ testapp.author pk=1" in output.getvalue()
        assert not Author.objects.exists()

    def test_a_format_of_the_settings_stays_djangos(self, name, settings):
        settings.SERIALIZATION_MODULES = {"jsonl": "django.core.serializers.json"}
        path = name(
            '[{"model": "testapp.author", "pk": 1, "fields": {"name": "Mei"}}]',
            "a.jsonl",
        )

        call_command("loaddata", path, verbosity=0)
        with pytest.raises(LoaddataStdinError, match="--patch is for '-' or one file"):
            call_command("loaddata", path, patch=True)

        assert Author.objects.get().name == "Mei"

    def test_a_name_that_a_folder_of_fixtures_has_too_is_a_label(
        self, name, settings, tmp_path
    ):
        folder = tmp_path / "fixtures"
        folder.mkdir()
        settings.FIXTURE_DIRS = [str(folder)]
        path = name("- {model: testapp.author, pk: 1, fields: {name: Mei}}\n")
        folder.joinpath(path).write_text(
            "- {model: testapp.author, pk: 2, fields: {name: Ana}}\n"
        )

        call_command("loaddata", path, verbosity=0)

        assert set(Author.objects.values_list("name", flat=True)) == {"Mei", "Ana"}
