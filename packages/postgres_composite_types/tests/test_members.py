"""Members do in a value what their fields do on a model: files, descriptors, labels."""

from __future__ import annotations

import copy
import pickle

import pytest
from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import NotSupportedError, connection, connections, models
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from postgres_composite_types import CompositeType
from postgres_composite_types.declare.registry import live
from tests.people.models import Document, Folder, Sheet


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def sheet(**members):
    return Sheet(title="Plan", **members)


def scanned(**members):
    return sheet(scan=ContentFile(b"scanned", name="plan.txt"), **members)


def content(file):
    with file.open() as opened:
        return opened.read()


class FolderForm(forms.ModelForm):
    class Meta:
        model = Folder
        fields = ["cover", "sheets"]


def sent(**data):
    return {"sheets-TOTAL_FORMS": 0, "sheets-INITIAL_FORMS": 0, **data}


@pytest.mark.django_db
def test_a_file_is_written_when_its_row_is_saved(media):
    Folder(cover=scanned()).save()

    stored = Folder.objects.get().cover
    assert stored.scan.name == "scans/Plan/plan.txt"
    assert content(stored.scan) == b"scanned"
    assert (media / "scans/Plan/plan.txt").read_bytes() == b"scanned"


@pytest.mark.django_db
def test_files_in_lists_and_nested_types_and_bulk_are_written(media):
    nested = Document(sheet=sheet(scan=ContentFile(b"a", name="a.txt")))
    listed = [sheet(scan=ContentFile(b"b", name="b.txt"))]
    Folder.objects.bulk_create([Folder(document=nested, sheets=listed), Folder()])

    assert (media / "scans/Plan/a.txt").read_bytes() == b"a"
    assert (media / "scans/Plan/b.txt").read_bytes() == b"b"
    stored = Folder.objects.get(document__isnull=False)
    assert content(stored.document.sheet.scan) == b"a"
    assert content(stored.sheets[0].scan) == b"b"


@pytest.mark.django_db
def test_a_row_that_is_saved_again_writes_no_file(media):
    Folder(cover=scanned(), sheets=[scanned()]).save()

    Folder.objects.get().save()

    assert len(list(media.rglob("*.txt"))) == 2


@pytest.mark.django_db
def test_a_form_takes_files():
    assert FolderForm().is_multipart()
    upload = SimpleUploadedFile("plan.txt", b"scanned")
    form = FolderForm(sent(**{"cover-title": "Plan"}), {"cover-scan": upload})
    assert form.is_valid(), form.errors
    form.save()

    folder = Folder.objects.get()
    assert content(folder.cover.scan) == b"scanned"
    assert "scans/Plan/plan.txt" in str(FolderForm(instance=folder))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "scan"),
    [
        pytest.param({"cover-title": "New"}, "scans/Plan/plan.txt", id="kept"),
        pytest.param({"cover-title": "New", "cover-scan-clear": "on"}, "", id="gone"),
    ],
)
def test_a_form_keeps_or_clears_a_file(data, scan):
    folder = Folder.objects.create(cover=scanned())

    form = FolderForm(sent(**data), instance=Folder.objects.get())
    assert form.is_valid(), form.errors
    form.save()

    folder.refresh_from_db()
    assert (folder.cover.title, folder.cover.scan.name or "") == ("New", scan)


@pytest.mark.django_db
def test_a_form_moves_items_of_a_list_with_their_files():
    second = sheet(scan=ContentFile(b"b", name="b.txt"))
    Folder.objects.create(sheets=[scanned(), second])
    data = {
        "sheets-TOTAL_FORMS": 2,
        "sheets-INITIAL_FORMS": 2,
        "sheets-0-was": "1",
        "sheets-0-item-title": "Two",
        "sheets-1-was": "0",
        "sheets-1-item-title": "One",
    }
    form = FolderForm(data, instance=Folder.objects.get())
    assert form.is_valid(), form.errors
    form.save()

    stored = Folder.objects.get().sheets
    assert [(each.title, content(each.scan)) for each in stored] == [
        ("Two", b"b"),
        ("One", b"scanned"),
    ]


@pytest.mark.django_db
def test_values_with_files_copy_and_pickle():
    Folder.objects.create(cover=scanned())
    for is_touched in (False, True):
        stored = Folder.objects.get().cover
        if is_touched:
            assert stored.scan
        for twin in (
            copy.copy(stored),
            copy.deepcopy(stored),
            pickle.loads(pickle.dumps(stored)),
        ):
            assert twin == stored
            assert twin.scan.instance is twin


def test_a_choice_has_its_label():
    assert sheet(kind="a").get_kind_display() == "Drawing"
    assert sheet().get_kind_display() == "Letter"
    assert sheet(kind="other").get_kind_display() == "other"


class Tripled:
    """A descriptor that multiplies what is set."""

    def __init__(self, field):
        self.field = field

    def __get__(self, instance, owner=None):
        return self if instance is None else instance.__dict__[self.field.name]

    def __set__(self, instance, value):
        instance.__dict__[self.field.name] = value and value * 3


class SetInContribute(models.IntegerField):
    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.name, Tripled(self))


class SetByClass(models.IntegerField):
    descriptor_class = Tripled


@pytest.mark.parametrize("kind", [SetInContribute, SetByClass])
def test_a_descriptor_of_a_field_works_in_values(monkeypatch, kind):
    monkeypatch.setattr(live, "_types", dict(live._types))

    class Sized(CompositeType):
        size = kind()
        name = models.TextField()

        class Meta:
            db_type = "x_sized"
            app_label = "people"

    class Heir(Sized):
        depth = kind()

        class Meta:
            db_type = "x_heir"
            app_label = "people"

    value = Sized(1, "a")
    assert (value.size, value.name) == (3, "a")
    value.size = 5
    assert copy.copy(value).size == 45  # Set again, as on a model.
    assert Heir(1, "a", 2).depth == 6
    assert Sized(1, "a") == Sized(size=1, name="a")
    assert Sized._from_json('{"size": 4, "name": "b"}').size == 12


@pytest.mark.django_db
def test_a_whole_tuple_is_taken_by_position():
    folder = Folder.objects.create(cover=("Plan", "a.txt", "a"))

    folder.refresh_from_db()
    assert folder.cover == Sheet("Plan", "a.txt", "a")
    with pytest.raises(forms.ValidationError, match=r"got \('Plan',\) \(tuple\)"):
        Folder(cover=("Plan",)).full_clean()


ODD = [
    Sheet('it\'s 100% \\ "odd" ☃', "", None),
    Sheet(),
    Sheet("a, (b)", "c", "d"),
]


@pytest.mark.django_db(databases=["other"])
def test_a_value_in_a_place_without_an_expression_is_refused():
    with connections["other"].cursor() as cursor:
        if not is_psycopg3:
            pytest.skip("psycopg2 puts every statement together itself")
        with pytest.raises(
            NotSupportedError, match=r"^A value of Sheet can be no param"
        ):
            cursor.execute("SELECT %s", [Sheet()])


@pytest.mark.django_db
@pytest.mark.parametrize("value", ODD)
def test_a_value_is_a_parameter_of_a_cursor(value):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_folder (cover, sheets) VALUES (%s, '{}')", [value]
        )
        cursor.execute(
            "SELECT count(*) FROM people_folder WHERE cover = %(c)s", {"c": value}
        )
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT %s IN (%s), %s", [value, value, "100%"])
        assert cursor.fetchone() == (True, "100%")
    assert Folder.objects.get().cover == value
