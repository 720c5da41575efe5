"""What may show values of the environment beside the fields that refer to it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models.signals import post_save

from loaddata_stdin import LoaddataStdinError, Options, Substitution, load

from .test_errors import lines, one
from .testapp.models import Author, Book, Post

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])
SECRET = "New-Hunter2"
UPPER = {
    "default": "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE 'refused: %', upper(NEW.token); END$$;"
    " CREATE TRIGGER refuse BEFORE UPDATE ON testapp_book FOR EACH ROW"
    " EXECUTE FUNCTION refuse()",
    "sqlite": "CREATE TRIGGER refuse BEFORE UPDATE ON testapp_book"
    " BEGIN SELECT RAISE(ABORT, 'refused: NEW-HUNTER2'); END",
}


def send(using, *objects, environ=None, **options):
    substitution = Substitution(environ or {"TOKEN": SECRET})
    options = Options(using=using, substitution=substitution, **options)
    return load(lines(*objects), options=options)


@pytest.fixture(params=["bulk", "one by one"])
def way(request):
    """Write objects in bulk, or one by one since there is a receiver."""

    def receive(instance, **_):
        if instance.title == "boom":
            raise ValueError(instance.token.upper())

    if request.param == "one by one":
        post_save.connect(receive, sender=Book)
    yield request.param
    post_save.disconnect(receive, sender=Book)


PATCHES = [
    one("book", 1, token="${TOKEN}"),
    one("book", 1, title="boom"),
    one("book", 1, published="2026-01-01"),
]


@both
def test_a_patch_of_what_another_object_gave_shows_no_value(using, way):
    Book.objects.using(using).create(pk=1, title="a", token="Old-Hunter2")
    said = []
    patches = [PATCHES[0], one("book", 1, title="b"), PATCHES[2]]

    send(using, *patches, is_patch=True, differ=said.append)

    assert "Hunter2" not in "".join(said)
    assert "    token: *** -> ***" in said
    assert "    title: *** -> ***" in said


@both
def test_a_patch_of_another_row_shows_its_values(using):
    for pk in (1, 2):
        Book.objects.using(using).create(pk=pk, title="a", token="Old-Hunter2")
    said = []

    send(
        using,
        *PATCHES,
        one("book", 2, title="b"),
        one("book", 2, price="2"),
        is_patch=True,
        differ=said.append,
    )

    assert "    title: a -> b" in said


@both
@pytest.mark.parametrize("most_errors", [1, 9])
def test_what_refuses_such_a_patch_is_not_quoted(using, way, most_errors):
    Book.objects.using(using).create(pk=1, title="a")
    if way == "bulk":
        with connections[using].cursor() as cursor:
            cursor.execute(UPPER[using])

    with pytest.raises(LoaddataStdinError) as caught:
        send(using, *PATCHES, is_patch=True, most_errors=most_errors)

    assert "HUNTER2" not in str(caught.value)


@both
def test_a_patch_of_what_was_written_before_shows_no_value(using):
    """The receiver of authors has the first book written before the second comes."""
    Book.objects.using(using).create(pk=1, title="a", price=1)
    said = []

    def receive(**_):
        pass

    post_save.connect(receive, sender=Author)
    try:
        send(
            using,
            one("book", 1, price="${TOKEN}"),
            one("author", 1, name="Mei"),
            one("book", 1, price=7),
            environ={"TOKEN": "0012.50"},
            is_patch=True,
            differ=said.append,
        )
    finally:
        post_save.disconnect(receive, sender=Author)

    assert "12.5" not in "".join(said)


@both
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_row_that_got_a_value_is_validated_without_showing_it(
    using, way, order, monkeypatch
):
    def clean(self):
        raise ValidationError(self.token.upper())

    monkeypatch.setattr(Book, "clean", clean)
    Book.objects.using(using).create(pk=1, title="a")
    patches = [PATCHES[0], PATCHES[2]]

    with pytest.raises(LoaddataStdinError) as caught:
        send(using, *(patches[n] for n in order), is_patch=True, is_validated=True)

    assert "HUNTER2" not in str(caught.value)


@pytest.fixture(params=["bulk", "one by one"])
def way_of_posts(request):
    """Write posts in bulk, or one by one since there is a receiver."""

    def receive(**_):
        pass

    if request.param == "one by one":
        post_save.connect(receive, sender=Post)
    yield
    post_save.disconnect(receive, sender=Post)


@both
@pytest.mark.usefixtures("way_of_posts")
def test_what_a_field_lists_is_told_without_keys_of_the_environment(using):
    objects = [
        one("author", 1, name="Mei"),
        one("tag", 7654321, kind=1, name="x"),
        one("tag", 7654322, kind=1, name="y"),
    ]
    load(lines(*objects), options=Options(using=using))
    said = []

    for tags in (["${FIRST}"], ["${SECOND}"], []):
        send(
            using,
            one("post", "${POST}", title="a", author=1, tags=tags),
            one("post", 5, title="b", author=1, tags=[7654321]),
            environ={"POST": "0012345", "FIRST": "007654321", "SECOND": "007654322"},
            differ=said.append,
        )

    assert sorted(line for line in said if "tags" in line) == [
        "~ testapp.post pk=***, tags: +***",
        "~ testapp.post pk=***, tags: +***",
        "~ testapp.post pk=***, tags: -***",
        "~ testapp.post pk=***, tags: -***",
        "~ testapp.post pk=5, tags: +7654321",
    ]


@both
def test_a_secret_key_among_the_fields_is_not_shown(using, way):
    said = []
    new = one("book", None, id="${ID}", title="a")

    send(using, new, environ={"ID": "0012345"}, differ=said.append)
    with pytest.raises(LoaddataStdinError) as caught:
        send(using, new, environ={"ID": "0012345"}, on_conflict="error")

    assert said == ["+ testapp.book pk=***"]
    assert "12345" not in str(caught.value)


@both
@pytest.mark.parametrize("name", ["place", "place_id"])
def test_a_secret_key_that_is_a_reference_is_not_shown(using, name):
    load(lines(one("place", 12345, name="a")), options=Options(using=using))
    said = []
    new = one("slot", None, **{name: "${ID}", "rank": 1})

    send(using, new, environ={"ID": "0012345"}, differ=said.append)

    assert said == ["+ testapp.slot pk=***"]


@both
def test_a_secret_part_of_a_key_is_not_shown(using):
    said = []
    new = one("cell", None, row="${ID}", column=2)

    send(using, new, environ={"ID": "0012345"}, differ=said.append)

    assert said == ["+ testapp.cell pk=***"]


@both
def test_a_reference_by_its_column_is_looked_at(using):
    with pytest.raises(LoaddataStdinError, match="'\\$\\{ID\\}' gives a value"):
        send(using, one("book", 1, title="a", author_id="${ID}"), environ={"ID": "x"})


@both
def test_a_load_within_a_load_leaves_the_log_shut(using, settings):
    settings.DEBUG = True
    substitution = Substitution({"TOKEN": SECRET})

    def receive(**_):
        load(
            lines(one("author", 7, name="${TOKEN}-7")),
            options=Options(using=using, substitution=substitution),
        )

    connections[using].queries_log.clear()
    post_save.connect(receive, sender=Book)
    try:
        load(
            lines(one("book", 1, title="a"), one("book", 2, title="${TOKEN}")),
            options=Options(using=using, substitution=substitution),
        )
    finally:
        post_save.disconnect(receive, sender=Book)
    Book.objects.using(using).get(pk=2)

    [query] = connections[using].queries
    assert SECRET not in query["sql"]
