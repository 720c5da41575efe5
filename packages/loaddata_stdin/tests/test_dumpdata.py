from __future__ import annotations

import gzip
import io
import json

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command

from loaddata_stdin.exceptions import FixtureSyntaxError, LoaddataStdinError

from .testapp.models import Author, Book

pytestmark = pytest.mark.django_db


def dump(*labels, **options):
    output = io.StringIO()
    call_command("dumpdata", *(labels or ["testapp"]), stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def authors():
    return [Author.objects.create(name=name) for name in ("Mei", "Ümit\u2028", "Kim")]


@pytest.mark.usefixtures("authors")
def test_a_dump_ends_with_its_count_on_request():
    lines = dump(format="jsonl").splitlines(keepends=True)

    assert dump(count=True).endswith('{"count": 3}\n')
    assert dump(count=True).removesuffix('{"count": 3}\n') == "".join(lines)
    assert dump(count=True, format="jsonl") == dump(count=True)
    assert dump("testapp.book", count=True) == '{"count": 0}\n'


def test_without_the_request_it_is_what_django_dumps(authors):
    assert json.loads(dump()) == json.loads(serializers.serialize("json", authors))
    assert dump(format="xml").startswith("<?xml")


@pytest.mark.parametrize("name", ["json", "xml", "yaml", "bogus"])
def test_other_formats_have_no_count(name):
    with pytest.raises(LoaddataStdinError, match=f"not for --format {name}; leave one"):
        dump(count=True, format=name)


def test_the_format_is_no_format_of_others(authors):
    dump(count=True)

    assert "counted_jsonl" not in serializers.get_public_serializer_formats()
    with pytest.raises(CommandError, match="Unknown serialization format"):
        dump(format="counted_jsonl")


def test_a_counted_dump_comes_back_and_a_cut_one_is_refused(loaddata, authors):
    text = dump(count=True)
    Author.objects.all().delete()

    assert loaddata(text, expect="end").startswith("Installed 3 object(s)")
    lines = text.split("\n")
    for kept in range(1, 4):
        with pytest.raises(FixtureSyntaxError, match="nothing marks the end"):
            loaddata("\n".join(lines[:kept]), expect="end")
    with pytest.raises(FixtureSyntaxError, match="announced 3 objects, and 2 came"):
        loaddata("\n".join(lines[1:]), expect="end")


def test_a_counted_dump_may_go_to_a_compressed_file(loaddata, authors, tmp_path):
    file = tmp_path / "dump.jsonl.gz"
    dump(count=True, output=str(file))

    assert gzip.decompress(file.read_bytes()).decode().endswith('{"count": 3}\n')
    assert loaddata(file.read_bytes()).startswith("Installed 3 object(s)")


def test_a_dump_that_fails_has_no_count(monkeypatch, authors):
    def fail(self):
        if self.name == "Kim":
            raise ValueError(self.name)
        return (self.name,)

    monkeypatch.setattr(Author, "natural_key", fail)
    for author in authors:
        Book.objects.create(title="Wicking beds", author=author)
    output = io.StringIO()

    with pytest.raises(CommandError, match="Unable to serialize database: Kim"):
        call_command(
            "dumpdata",
            "testapp.book",
            count=True,
            use_natural_foreign_keys=True,
            stdout=output,
        )

    assert output.getvalue().count("\n") == 2
    assert "count" not in output.getvalue()
