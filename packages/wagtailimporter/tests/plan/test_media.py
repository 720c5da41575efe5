from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from django.core.files import File
from tests.folders import Folder
from tests.testapp.models import ArticlePage, Job
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

from wagtailimporter import ImportFailed, import_files

pytestmark = pytest.mark.django_db

Image, Document = get_image_model(), get_document_model()


def media_files(settings) -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(
        p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()
    )


@pytest.mark.parametrize("name", ["team.jpg", "images/team.jpg", "hidden dog.png"])
def test_an_image_is_stored_with_what_wagtail_knows_about_it(folder, settings, name):
    folder.image(name)

    report = folder.load(f"!image {{file: {Path(name).name}, title: The team}}")

    image = Image.objects.get()
    data = (folder.path / name).read_bytes()
    assert report.summary() == "1 image created"
    assert image.title == "The team"
    assert (image.width, image.height) == (8, 6)
    assert image.file_size == len(data)
    stored_hash = image.file_hash
    image.file_hash = ""
    assert stored_hash == image.get_file_hash()
    with image.file.open() as stored:
        assert stored.read() == data


def test_a_document_is_found_in_its_folder_too(folder, settings):
    settings.WAGTAILDOCS_EXTENSIONS = ["txt"]
    (folder.path / "documents").mkdir()
    folder.write("Report", "documents/report.txt")

    folder.load("!document {file: report.txt}")

    document = Document.objects.get()
    assert (document.title, document.file_size) == ("report", 6)
    assert media_files(settings) == ["documents/report.txt"]


def test_the_same_bytes_are_stored_once(folder, settings):
    folder.image("a.png")
    folder.image("b.png")

    folder.load("!image {file: a.png, title: A}\n---\n!image {file: b.png}")
    report = folder.load("!image {file: b.png}")

    assert report.summary() == "1 image unchanged"
    assert Image.objects.count() == 1
    assert media_files(settings) == ["original_images/a.png"]


def test_an_image_made_before_its_hash_was_known_is_found(folder):
    folder.image("a.png")
    with (folder.path / "a.png").open("rb") as stream:
        image = Image(title="By hand", file=File(stream, name="other.png"))
        image.save()
    Image.objects.update(file_hash="")

    report = folder.load("!image {file: a.png, title: By file}")

    assert report.summary() == "1 image updated"
    assert Image.objects.get().title == "By file"


def test_an_image_whose_file_is_lost_is_no_match(folder, settings):
    folder.image("a.png")
    folder.load("!image {file: a.png}")
    image = Image.objects.get()
    Image.objects.update(file_hash="")
    image.file.storage.delete(image.file.name)

    assert folder.load("!image {file: a.png}").summary() == "1 image created"


def test_fields_of_an_image_are_set(folder):
    folder.image("a.png")
    collection = Collection.get_first_root_node().add_child(name="Team")

    folder.load(
        "!image {file: a.png, tags: [x, y], focal_point_x: 3,"
        " collection: !wagtailcore.collection {name: Team}}"
    )

    image = Image.objects.get()
    assert image.collection == collection
    assert image.focal_point_x == 3
    assert sorted(image.tags.names()) == ["x", "y"]


def test_one_image_with_two_titles_is_refused(folder):
    folder.image("a.png")

    assert folder.problems(
        "!image {file: a.png, title: A}\n---\n!image {file: a.png, title: B}"
    ) == [
        "site.yaml:3:22: 'title' of image a.png has another value at"
        f" {folder.path}/site.yaml:1:22; keep one."
    ]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(
            "!image {file: no.png}",
            "1:15: there is no file 'no.png' here or in 'images/'.",
            id="missing",
        ),
        pytest.param(
            "!image {title: x}", "1:1: 'file' is missing in !image.", id="no file"
        ),
        pytest.param(
            "!image {file: ../site.yaml}",
            "1:15: '../site.yaml' is outside the folder",
            id="climbs",
        ),
        pytest.param(
            "!image {file: /etc/hostname}",
            "1:15: '/etc/hostname' is outside",
            id="absolute",
        ),
        pytest.param("!image {file: way-out}", "1:15: 'way-out' is outside", id="link"),
        pytest.param(
            '!image {file: "a\\0b"}', "1:15: 'a\\x00b': it is no file name.", id="nul"
        ),
        pytest.param(f"!image {{file: {'x' * 300}}}", "1:15: ", id="long"),
        pytest.param(
            "!image {file: site.yaml}",
            "1:15: 'site.yaml': Upload a valid image.",
            id="no image",
        ),
        pytest.param(
            "!image {file: fake.png}",
            "1:15: 'fake.png': Upload a valid image.",
            id="fake",
        ),
        pytest.param(
            "!image {file: a.png, titlt: x}",
            "1:22: wagtailimages.image has no field 'titlt'; did you mean 'title'?",
            id="field",
        ),
        pytest.param(
            "!document {file: bad.exe}",
            "1:12: file: File extension “exe” is not allowed.",
            id="extension",
        ),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(folder, settings, reference, expected):
    settings.WAGTAILDOCS_EXTENSIONS = ["pdf"]
    folder.image("a.png")
    for name in ("fake.png", "bad.exe"):
        folder.write("text", name)
    (folder.path / "way-out").symlink_to("/etc/hostname")

    (line,) = folder.problems(reference)

    assert line.startswith(f"site.yaml:{expected}")


@pytest.fixture
def open_folder():
    """A folder that every user may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Folder(Path(path) / "content")


@pytest.fixture
def ordinary_user():
    """Be somebody who may not read every file."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_a_file_that_cannot_be_read_is_refused(open_folder, request):
    open_folder.image("a.png")
    (open_folder.path / "a.png").chmod(0)
    open_folder.write("!image {file: a.png}")
    request.getfixturevalue("ordinary_user")

    with pytest.raises(ImportFailed, match=r"1:1: 'a.png' cannot be read: Permission"):
        import_files([open_folder.path / "site.yaml"], dry_run=True)


def test_files_of_a_failed_run_are_removed_again(folder, settings, home):
    folder.image("a.png")
    folder.write("x", "b.txt")

    problems = folder.problems("""
        !image {file: a.png}
        ---
        !document {file: b.txt}
        ---
        !testapp.job {slug: a, title: A, code: same}
        ---
        !testapp.job {slug: b, title: B, code: same}
    """)

    assert "testapp.job slug 'b' was refused: duplicate key" in problems[0]
    assert media_files(settings) == []
    assert not any(model.objects.exists() for model in (Image, Document, Job))


def test_a_dry_run_stores_nothing(folder, settings, home):
    folder.image("a.png")

    report = folder.load(
        "url: /main/x\ntype: testapp.articlepage\ntitle: X\nimage: !image {file: a.png}",
        dry_run=True,
    )

    assert report.summary() == (
        "dry run, nothing written: 1 page created; 1 image created"
    )
    assert media_files(settings) == []
    assert not any(model.objects.exists() for model in (Image, ArticlePage))
