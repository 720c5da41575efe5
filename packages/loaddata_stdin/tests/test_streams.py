"""What load() and the command read of streams of every kind."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import subprocess
import sys
import tempfile
import threading

import pytest

from loaddata_stdin import LoaddataStdinError, load

from .testapp.models import Author

LINE = '{"model": "testapp.author", "pk": %d, "fields": {"name": "é%d"}}\n'
TEXT = "".join(LINE % (n, n) for n in range(1, 1001))
XML = """<?xml version="1.0" encoding="iso-8859-1"?>
<django-objects version="1.0"><object model="testapp.author" pk="1">
<field name="name" type="CharField">Zoë</field></object></django-objects>"""
databases = pytest.mark.django_db(databases=["default", "sqlite"])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "authors.jsonl"
    path.write_text(TEXT, encoding="utf-8")
    return path


@databases
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("take", [next, lambda file: file.readline()])
def test_a_text_file_is_read_from_where_it_stands(tmp_path, encoding, take):
    path = tmp_path / "authors.jsonl"
    path.write_text(f"# a title\n{TEXT}", encoding=encoding)

    with path.open(encoding=encoding) as stream:
        take(stream)
        assert load(stream).loaded == 1000

    assert Author.objects.get(pk=1000).name == "é1000"


@databases
def test_a_file_that_is_open_as_text_may_be_compressed(tmp_path):
    path = tmp_path / "authors.jsonl.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))

    with path.open(encoding="utf-8") as stream:
        assert load(stream).loaded == 1000


@databases
def test_texts_of_other_classes_than_those_of_io_are_taken(file):
    with codecs.getreader("utf-8")(file.open("rb")) as stream:
        assert load(stream).loaded == 1000
    with tempfile.SpooledTemporaryFile(mode="w+", encoding="utf-8") as stream:
        stream.write(TEXT)
        stream.seek(0)
        assert load(stream).loaded == 1000


@databases
def test_a_text_in_another_encoding_than_it_was_opened_with_is_refused(file):
    with (
        subprocess.Popen(
            ["cat", file], stdout=subprocess.PIPE, text=True, encoding="ascii"
        ) as process,
        pytest.raises(LoaddataStdinError, match="byte 0xc3 is no ascii, with which"),
    ):
        load(process.stdout)


@databases
@pytest.mark.parametrize("by", ["load", "command"])
def test_xml_that_was_decoded_says_nothing_of_its_encoding_any_more(loaddata, by):
    stream = io.StringIO(XML)

    load(stream) if by == "load" else loaddata(stream)

    assert Author.objects.get().name == "Zoë"


@databases
def test_a_pause_of_a_pipe_that_does_not_block_is_no_end():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    half = len(TEXT) // 2

    def write():
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(TEXT[:half].encode())
            pipe.flush()
            has_waited.wait(10)
            pipe.write(TEXT[half:].encode())

    class Pipe(io.FileIO):
        def read(self, size):
            data = super().read(size)
            if data is None:
                has_waited.set()
            return data

    has_waited = threading.Event()
    thread = threading.Thread(target=write)
    thread.start()
    with Pipe(reading) as stream:
        report = load(stream)
    thread.join()

    assert report.loaded == 1000
    assert has_waited.is_set()


@databases
def test_standard_input_is_read_below_its_text(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT.encode())), "ascii")
    monkeypatch.setattr(sys, "stdin", stream)

    assert load(sys.stdin).loaded == 1000
