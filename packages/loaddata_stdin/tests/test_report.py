from __future__ import annotations

import json

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import LoaddataStdinError

from .test_load import one
from .testapp.models import Author, Item, Post

pytestmark = pytest.mark.django_db

AUTHORS = json.dumps([one("author", 1, name="Mei"), one("author", 2, name="Zoë")])


def sequences():
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pg_sequences ORDER BY sequencename")
        return cursor.fetchall()


def test_a_dry_run_says_what_it_did_and_keeps_nothing(loaddata):
    Author.objects.create(pk=1, name="Ümit")

    output = loaddata(AUTHORS, dry_run=True)

    assert output == (
        "testapp.author: 1 created, 1 updated, 0 unchanged\n"
        "Dry run: 2 object(s) loaded, and nothing was kept.\n"
    )
    assert [a.name for a in Author.objects.all()] == ["Ümit"]


def test_a_dry_run_moves_no_sequence(loaddata, way):
    objects = [one("author", 70, name="a"), one("author", None, name="b")]
    objects += [one("tag", 1, kind=1, name="t")]
    objects += [one("post", 6, title="t", author=["b"], tags=[1])]
    objects += [one("post", None, title="t", author=["b"], tags=[1]), one("item")]
    Author.objects.create(name="before")
    before = sequences()

    loaddata(json.dumps(objects), dry_run=True)

    assert sequences() == before
    assert not Post.objects.exists()


@pytest.mark.parametrize("is_single", [False, True])
@pytest.mark.parametrize("default", ["nextval('shared')", "1000 + nextval('shared')"])
def test_a_dry_run_moves_no_sequence_that_a_default_takes_keys_from(
    loaddata, default, is_single
):
    objects = [one("tag", 1, kind=1, name="t"), one("author", 70, name="a")]
    objects += [one("post", 6, title="t", author=["a"], tags=[1])]
    objects += [one("item")] if default.startswith("n") else []
    through = Post.tags.through._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE shared START 100")
        for table in ("testapp_item", "testapp_author", through):
            cursor.execute(f"ALTER TABLE {table} ALTER id DROP IDENTITY")
            cursor.execute(f"ALTER TABLE {table} ALTER id SET DEFAULT {default}")
    before = sequences()

    if is_single or "+" in default:
        post_save.connect(nothing)
    try:
        loaddata(json.dumps(objects), dry_run=True)
    finally:
        post_save.disconnect(nothing)

    assert sequences() == before


def test_differences_are_named_by_row_and_field(loaddata):
    Author.objects.create(pk=1, name="Ümit")
    Item.objects.create(pk=1, text="x" * 100, whole=1, data={"a": 1})
    item = one("item", 1, text="y", data={"a": 1.0})

    output = loaddata(json.dumps([*json.loads(AUTHORS), item]), diff=True, patch=True)

    assert output == (
        "~ testapp.author pk=1\n    name: Ümit -> Mei\n"
        "+ testapp.author pk=2\n"
        f"~ testapp.item pk=1\n    text: {'x' * 60}... -> y\n"
        '    data: {"a": 1} -> {"a": 1.0}\n'
        "Installed 3 object(s) from 1 fixture(s)\n"
        "testapp.author: 1 created, 1 updated, 0 unchanged\n"
        "testapp.item: 0 created, 1 updated, 0 unchanged\n"
    )


def test_differences_show_no_secret_and_none_before_it(loaddata, monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret" * 20)
    Item.objects.create(pk=1, text="the token of last year")

    output = loaddata(
        json.dumps([one("item", 1, text="${TOKEN}")]), diff=True, patch=True, env=True
    )

    assert "    text: *** -> ***\n" in output


def test_differences_show_no_secret_in_another_form(loaddata, monkeypatch):
    monkeypatch.setenv("PRICE", "0001234.5")
    monkeypatch.setenv("DATA", "S3cret")
    Item.objects.create(pk=1, text="old", price="1", data={"a": 1})
    fields = {"price": "${PRICE}", "data": {"Key": "${DATA}"}, "text": "new"}
    objects = [one("item", 1, **fields), one("item", 2), one("author", 1, name="Mei")]

    for is_single in (False, True):
        if is_single:
            post_save.connect(nothing, sender=Item)
        try:
            output = loaddata(
                json.dumps(objects), diff=True, patch=True, env=True, dry_run=True
            )
        finally:
            post_save.disconnect(nothing, sender=Item)

        assert "1234.5" not in output
        assert "S3cret" not in output
        assert "    price: *** -> ***\n" in output
        assert "    text: *** -> ***\n" in output
        assert "+ testapp.item pk=2\n" in output


def nothing(sender, **kwargs):
    pass


@pytest.fixture
def stranger():
    """Be a role that may use every table and sequence, and owns none."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE stranger")
        for kind in ("TABLES", "SEQUENCES"):
            cursor.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO stranger")
        cursor.execute("SET ROLE stranger")
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.usefixtures("stranger")
def test_a_dry_run_in_bulk_needs_not_own_the_sequences(loaddata):
    objects = [one("author", None, name="b"), one("tag", 1, kind=1, name="t")]
    objects += [one("post", None, title="t", author=["b"], tags=[1])]
    before = sequences()

    output = loaddata(json.dumps(objects), dry_run=True)

    assert "testapp.post: 1 created" in output
    assert sequences() == before


@pytest.mark.usefixtures("stranger")
def test_a_dry_run_one_by_one_says_who_owns_the_sequence(loaddata):
    post_save.connect(nothing, sender=Author)
    try:
        with pytest.raises(LoaddataStdinError, match="only its owner can keep"):
            loaddata(AUTHORS, dry_run=True)
    finally:
        post_save.disconnect(nothing, sender=Author)


def test_the_summary_is_the_only_output(loaddata):
    output = loaddata(AUTHORS, summary="json", diff=True, verbosity=3)

    assert json.loads(output) == {
        "read": 2,
        "loaded": 2,
        "models": {
            "testapp.author": {
                "created": 2,
                "updated": 0,
                "unchanged": 0,
                "ignored": 0,
                "repeated": 0,
                "deleted": 0,
                "saved": 0,
            }
        },
        "slow": {},
        "is_end_certain": True,
        "dry_run": False,
    }


def test_an_error_has_no_summary(loaddata, capsys):
    with pytest.raises(LoaddataStdinError):
        loaddata("[{", summary="json")

    assert capsys.readouterr().out == ""


def test_only_some_models_are_loaded(loaddata):
    objects = [one("author", 1, name="Mei"), one("item", 1)]

    output = loaddata(json.dumps(objects), only=["testapp.author"])

    assert output == "Installed 1 object(s) (of 2) from 1 fixture(s)\n"
    assert (Author.objects.count(), Item.objects.count()) == (1, 0)
    loaddata(json.dumps(objects), only=["testapp"], exclude=["testapp.author"])
    assert Item.objects.count() == 1
    with pytest.raises(CommandError, match="Unknown model"):
        loaddata(AUTHORS, only=["testapp.nobody"])


def test_unknown_models_and_fields_are_left_out_if_asked(loaddata):
    objects = [one("nobody", 1), one("author", 1, name="Mei", age=7)]

    output = loaddata(json.dumps(objects), ignorenonexistent=True)

    assert output == "Installed 1 object(s) (of 2) from 1 fixture(s)\n"
    assert Author.objects.get().name == "Mei"


@pytest.mark.parametrize(
    "options",
    [
        {"on_conflict": "ignore"},
        {"patch": True},
        {"key": ["testapp.author=name"]},
        {"delete_missing": True},
        {"only": ["testapp"]},
        {"validate": True},
        {"dry_run": True},
        {"diff": True},
        {"summary": "json"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_several_files_are_not_loaded_with_what_is_for_standard_input(
    loaddata, tmp_path, options
):
    file = tmp_path / "authors.json"
    file.write_text(AUTHORS)
    flag = "--" + next(iter(options)).replace("_", "-")

    with pytest.raises(
        LoaddataStdinError, match=f"^{flag} is for '-' or one file in json"
    ):
        loaddata("", str(file), str(file), **options)
    with pytest.raises(LoaddataStdinError, match=f"{flag} is for '-' alone"):
        loaddata(AUTHORS, "-", str(file), **options)
    assert not Author.objects.exists()


def test_a_key_is_named_once(loaddata):
    keys = ["testapp.author=name", "testapp.Author=id"]
    with pytest.raises(LoaddataStdinError, match=r"one for testapp\.author already"):
        loaddata(AUTHORS, key=keys)
    with pytest.raises(LoaddataStdinError, match="a field is named twice"):
        loaddata(AUTHORS, key=["testapp.author=name,name"])


def test_a_key_is_named_with_its_model(loaddata):
    Author.objects.create(pk=7, name="Mei")

    loaddata(AUTHORS, key=["testapp.Author=name"])

    assert Author.objects.get(name="Mei").pk == 7
    for key in ("testapp.author", "testapp.author=", "testapp.author=name,"):
        with pytest.raises(LoaddataStdinError, match=r"write --key APP\.MODEL=FIELD"):
            loaddata(AUTHORS, key=[key])


def test_a_dry_run_says_which_receivers_ran(loaddata):
    def receive(sender, **kwargs):
        pass

    post_save.connect(receive, sender=Author)
    try:
        output = loaddata(AUTHORS, dry_run=True)
    finally:
        post_save.disconnect(receive, sender=Author)

    assert "(2 saved one by one)" in output
    assert output.endswith("receive receives its signals, in a dry run too.\n")


def test_a_mode_that_needs_tables_of_its_own_is_refused_elsewhere(
    loaddata, monkeypatch
):
    monkeypatch.setattr(connection, "vendor", "mysql")

    with pytest.raises(LoaddataStdinError, match="need PostgreSQL or SQLite"):
        loaddata(AUTHORS, delete_missing=True)
