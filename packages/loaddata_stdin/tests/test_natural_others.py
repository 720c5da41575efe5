"""Natural keys that only their manager can look up."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connections, models
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import LoaddataStdinError, ObjectValueError
from loaddata_stdin.load import Options, load

from .test_load import assert_as_django, one, stream
from .testapp.models import (
    Alias,
    Branch,
    Fork,
    Level,
    Low,
    Place,
    Signed,
    Signer,
    Version,
)

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]


def branches(names):
    """Return a chain of branches, each by the path of the one above."""
    above = [names[:n][::-1] for n in range(len(names))]
    return [
        one("branch", n, name=name, parent=path or None, others=[path] if path else [])
        for n, (name, path) in enumerate(zip(names, above, strict=True), start=1)
    ]


def test_paths_of_any_length_are_followed(tmp_path, using):
    models = [Branch, Branch.others.through]

    assert_as_django(tmp_path, using, branches(list("abcdef")), models)


def test_paths_are_followed_in_any_order(using):
    load(stream(branches(list("abcdef"))[::-1]), options=Options(using=using))

    parents = Branch.objects.using(using).order_by("pk").values_list("parent")
    assert [parent for (parent,) in parents] == [None, 1, 2, 3, 4, 5]


def test_paths_through_two_models_are_followed(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("fork", 1, name="a"),
            one("tine", 1, name="b", parent=["a"]),
            one("fork", 2, name="c", parent=["b", "a"]),
            one("tine", 2, name="d", parent=["c", "b", "a"]),
            one("fork", 3, name="e", parent=["d", "c", "b", "a"]),
        ],
        [Fork, Fork.Tine],
    )


def test_a_path_that_leads_nowhere_is_refused(using):
    objects = [*branches(["a", "b"]), one("branch", 9, name="z", parent=["y", "b"])]

    with pytest.raises(
        ObjectValueError, match=r"object 3 .* no testapp.branch has .* \(y, b\)\.$"
    ):
        load(stream(objects), options=Options(using=using))


@pytest.fixture
def way(request, monkeypatch):
    """Let the manager look up names in one way."""
    monkeypatch.setattr(type(Alias.objects), "way", request.param)


@pytest.mark.parametrize(
    ("way", "name"),
    [("lower", "ABC"), ("strip", " abc "), ("fallback", "old"), ("create", "new")],
    indirect=["way"],
)
def test_what_a_manager_does_with_a_name_is_left_to_it(tmp_path, using, way, name):
    assert_as_django(
        tmp_path,
        using,
        [
            one("alias", 2, name="x", of=[name], others=[[name]]),
            one("alias", None, name=name, text="changed"),
        ],
        [Alias, Alias.others.through],
        before=[one("alias", 1, name="abc", text="old")],
    )


@pytest.mark.parametrize("way", ["lower"], indirect=True)
def test_it_is_said_what_is_saved_one_by_one_for_its_name(using, way):
    report = load(stream([one("alias", None, name="a")]), options=Options(using=using))

    reason = "only its manager finds an object without a primary key"
    assert report.slow == {"testapp.alias": reason}


@pytest.mark.parametrize("way", ["get", "within"], indirect=True)
def test_a_name_that_is_looked_up_as_it_is_takes_no_object_by_itself(using, way):
    report = load(
        stream(
            [
                one("alias", None, name="a"),
                one("alias", None, name="b", of=["a"], others=[["a"]]),
            ]
        ),
        options=Options(using=using),
    )

    assert report.models["testapp.alias"].saved == 0
    assert Alias.objects.using(using).get(name="b").of.name == "a"


def test_a_manager_that_has_a_condition_is_asked(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("version", 2, name="x"),
            one("version", 3, name="y", of=["x"], others=[["x"]]),
        ],
        [Version, Version.others.through],
        before=[one("version", 1, name="x", is_current=True)],
    )


def test_a_later_object_is_found_by_a_manager_that_has_a_condition(using):
    load(
        stream(
            [
                one("version", 3, name="y", of=["x"], others=[["x"]]),
                one("version", 2, name="x", is_current=True),
                one("version", 1, name="x"),
            ]
        ),
        options=Options(using=using),
    )

    version = Version.objects.using(using).get(pk=3)
    assert (version.of_id, version.others.get().pk) == (2, 2)


def test_an_object_that_the_manager_hides_is_not_found(using):
    objects = [one("living", 1, name="x", is_dead=True), one("living", 2, of=["x"])]

    with pytest.raises(ObjectValueError, match=r"object 2 .* natural key \(x\)\.$"):
        load(stream(objects), options=Options(using=using))


def test_a_key_that_two_rows_may_have_is_for_the_manager(using, monkeypatch):
    class Manager(models.Manager):
        def get_by_natural_key(self, name):
            return self.get(name=name)

    manager = Manager()
    manager.model = Place
    monkeypatch.setitem(Place._meta.__dict__, "default_manager", manager)
    monkeypatch.setattr(Place, "natural_key", lambda self: (self.name,), raising=False)
    Place._base_manager.using(using).create(pk=1, name="x")
    landmark = one("landmark", None, at=["x"])

    with pytest.raises(ObjectValueError, match=r"object 2 .* more than one Place"):
        load(
            stream([one("place", 2, name="x"), landmark]),
            options=Options(using=using),
        )


def letters(model):
    """Return objects whose natural keys differ in case."""
    return [
        one(model, 3, name="x", of=["ABC"]),
        one(model, 5, name="def"),
        one(model, 6, name="y", of=["DEF"]),
        one(model, None, name="ABC"),
        one(model, None, name="X", of=["Y"]),
    ]


def test_a_field_that_makes_one_text_of_two_is_asked(tmp_path, using):
    before = [one("low", 1, name="abc")]

    assert_as_django(tmp_path, using, letters("low"), [Low], before)


def test_a_collation_that_takes_two_texts_for_one_is_heard(
    tmp_path, using, monkeypatch
):
    if using != "sqlite":
        pytest.skip("PostgreSQL has citext for it, see test_load_tables.py")
    monkeypatch.setattr(Alias._meta.get_field("name"), "db_collation", "NOCASE")
    columns = "(id integer PRIMARY KEY AUTOINCREMENT, text text, of_id integer,"
    with connections[using].cursor() as cursor:
        cursor.execute("DROP TABLE testapp_alias")
        cursor.execute(
            f"CREATE TABLE testapp_alias {columns} name text UNIQUE COLLATE NOCASE)"
        )
    before = [one("alias", 1, name="abc")]

    assert_as_django(tmp_path, using, letters("alias"), [Alias], before)


def test_a_proxy_goes_by_its_own_natural_key(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("signed", 1, code="x", name="y"),
            one("signed", 2, code="y", name="x"),
            one("signer", 1, of=["x"], others=[["y"]]),
            one("byname", None, code="new", name="z"),
        ],
        [Signed, Signer, Signer.others.through],
        before=[one("signed", 5, code="old", name="z")],
    )


@pytest.mark.parametrize("receives", [False, True], ids=["in bulk", "one by one"])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_manager_gets_numbers_and_booleans_as_such(using, form, receives):
    def receive(**_):
        pass

    keys = "[7, false], [7, true]"
    content = {
        "json": f"""[{{"model": "testapp.level", "pk": 3, "fields":
            {{"name": "008", "of": [7, false], "others": [{keys}]}}}}]""",
        "yaml": f"- {{model: testapp.level, pk: 3, fields:"
        f" {{name: '008', of: [7, false], others: [{keys}]}}}}\n",
    }[form]
    levels = Level._base_manager.using(using)
    for pk, text in enumerate(["high", "low"], start=1):
        levels.create(pk=pk, name="007", text=text)
    if receives:
        post_save.connect(receive, sender=Level)

    try:
        load(io.BytesIO(content.encode()), options=Options(using=using))
    finally:
        post_save.disconnect(receive, sender=Level)

    level = levels.get(pk=3)
    assert level.of_id == 2
    assert sorted(each.pk for each in level.others.all()) == [1, 2]


VERSIONS = [Version, Version.others.through]


def version(pk, name, of=None, others=(), **fields):
    others = [[other] for other in others]
    fields = {"is_current": True, "others": others, **fields}
    return one("version", pk, name=name, of=of and [of], **fields)


RINGS = {
    "of two": [version(1, "a", "b"), version(2, "b", "a")],
    "of itself": [version(1, "a", "a", ["a"])],
    "of three, with others": [
        version(1, "a", "b", ["c", "x"]),
        version(2, "b", "c"),
        version(3, "c", "a", ["a", "b"]),
        version(4, "x", "a"),
    ],
    "two of them": [
        version(1, "a", "b"),
        version(2, "b", "a"),
        version(3, "c", "d", ["a"]),
        version(4, "d", "c"),
    ],
}


@pytest.mark.parametrize("objects", RINGS.values(), ids=RINGS)
def test_a_ring_of_keys_for_a_manager_is_loaded(tmp_path, using, objects):
    assert_as_django(tmp_path, using, objects, VERSIONS)
    report = load(stream(objects), options=Options(using=using))

    counts = report.of("testapp.version")
    assert (counts.created, counts.updated) == (len(objects), 0)
    again = load(stream(objects), options=Options(using=using)).of("testapp.version")
    assert (again.created, again.updated, again.unchanged) == (0, 0, len(objects))


def test_a_dump_of_a_ring_brings_it_back(tmp_path, using):
    load(stream(RINGS["of three, with others"]), options=Options(using=using))
    output = io.StringIO()
    call_command(
        "dumpdata",
        "testapp.version",
        database=using,
        use_natural_foreign_keys=True,
        stdout=output,
    )
    Version._base_manager.using(using).all().delete()

    load(io.StringIO(output.getvalue()), options=Options(using=using))

    again = io.StringIO()
    call_command(
        "dumpdata",
        "testapp.version",
        database=using,
        use_natural_foreign_keys=True,
        stdout=again,
    )
    assert again.getvalue() == output.getvalue()


@pytest.mark.parametrize("on_conflict", ["ignore", "error"])
def test_a_ring_leaves_rows_alone_that_are_there(using, on_conflict):
    old = [version(1, "a", is_current=False)]
    load(stream(old), options=Options(using=using))
    options = Options(using=using, on_conflict=on_conflict)

    with pytest.raises(LoaddataStdinError, match=r"object [12] "):
        load(stream(RINGS["of two"]), options=options)

    assert Version._base_manager.using(using).get().of is None


def test_what_hangs_on_a_ring_and_leads_nowhere_is_refused(using):
    objects = [*RINGS["of two"], version(3, "c", "b"), version(4, "d", "nothing")]

    with pytest.raises(
        ObjectValueError, match=r"object 4 .* no testapp.version has .* \(nothing\)\.$"
    ):
        load(stream(objects), options=Options(using=using))


def test_a_ring_that_has_no_null_is_refused(using):
    objects = [
        one("knot", 1, name="a", of=["b"]),
        one("knot", 2, name="b", of=["a"]),
    ]

    with pytest.raises(
        ObjectValueError,
        match=r"object 1 .* no testapp.knot has the natural key \(b\) yet,"
        r" and 2 of them wait for others\.$",
    ):
        load(stream(objects), options=Options(using=using))
