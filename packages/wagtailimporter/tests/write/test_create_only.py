from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.folders import ARTICLE, article
from tests.testapp.models import ArticlePage, HomePage, Job
from wagtail.images import get_image_model
from wagtail.models import Page, Site

pytestmark = pytest.mark.django_db

SITE = (
    ARTICLE
    + """
    code: seed
    related: [{page: !page {url: /main}, label: Home}]
    ---
    !testapp.job {slug: digger, title: Digger}
    """
)


def publish(page: Page, **values: object) -> None:
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_what_editors_changed_stays_and_what_is_new_is_created(folder, home):
    folder.load(SITE)
    publish(article(), title="Edited", code="edited")
    Job.objects.update(title="Edited")

    report = folder.load(
        SITE + "---\n    !testapp.job {slug: cook, title: Cook}", create_only=True
    )

    assert report.summary() == "1 page kept; 1 job created, 1 kept"
    assert report.kept == 2
    page = article()
    assert (page.title, page.code) == ("Edited", "edited")
    assert page.get_latest_revision_as_object().title == "Edited"
    titles = Job.objects.order_by("slug").values_list("title", flat=True)
    assert list(titles) == ["Cook", "Edited"]


def test_a_draft_is_neither_published_nor_refused(folder, home):
    folder.load(SITE)
    page = article()
    page.title = "Draft"
    page.save_revision()

    report = folder.load(SITE.replace("code: seed", "code: new"), create_only=True)

    assert report.summary() == "1 page kept; 1 job unchanged"
    page = article()
    assert (page.title, page.code) == ("News", "seed")
    assert page.has_unpublished_changes
    assert page.get_latest_revision_as_object().title == "Draft"


def test_a_repeated_run_writes_nothing_whatever_editors_changed(folder, home):
    folder.load(SITE)
    publish(article(), title="Edited")
    article().related.all().delete()

    with CaptureQueriesContext(connection) as queries:
        folder.load(SITE, create_only=True)

    verbs = {query["sql"].split()[0] for query in queries.captured_queries}
    assert verbs <= {"SELECT", "LOCK", "SAVEPOINT", "RELEASE"}


def test_a_deleted_page_comes_back_and_its_kept_neighbour_still_misses_it(folder, home):
    text = (
        ARTICLE
        + """
    other: !page {url: /main/more}
    ---
    url: /main/more
    type: testapp.articlepage
    title: More
    """
    )
    folder.load(text)
    article("more").delete()

    report = folder.load(text, create_only=True)

    assert report.summary() == "1 page created, 1 kept"
    assert article("more").title == "More"
    assert article().other is None


def test_a_page_of_another_type_in_the_place_of_one_stays(folder, home):
    home.add_child(instance=HomePage(title="Ours", slug="news"))

    assert folder.load(SITE, create_only=True).summary() == (
        "1 page kept; 1 job created"
    )
    assert not ArticlePage.objects.exists()


def test_an_alias_in_the_place_of_a_page_stays(folder, home):
    original = home.add_child(instance=ArticlePage(title="Original", slug="original"))
    original.create_alias(update_slug="news")

    folder.load(SITE, create_only=True)

    assert article().alias_of_id == original.pk


def test_a_page_that_a_migration_made_is_filled_in_once(folder, home):
    text = "url: /main\ntype: testapp.homepage\ntitle: Welcome"
    assert home.latest_revision is None

    assert folder.load(text, create_only=True).summary() == "1 page updated"
    publish(HomePage.objects.get(), title="Edited")

    assert folder.load(text, create_only=True).summary() == "1 page kept"
    assert HomePage.objects.get().title == "Edited"


def test_a_new_site_does_not_replace_the_default_one_of_an_editor(folder, home):
    Site.objects.create(hostname="ours", root_page=home, is_default_site=True)
    text = (
        "!site {hostname: files, root_page: !page {url: /main}, is_default_site: yes}"
    )

    folder.load(text, create_only=True)

    assert Site.objects.get(is_default_site=True).hostname == "ours"
    assert Site.objects.filter(hostname="files").exists()


def test_the_only_site_becomes_the_default_one(folder, home):
    text = (
        "!site {hostname: files, root_page: !page {url: /main}, is_default_site: yes}"
    )

    folder.load(text, create_only=True)

    assert Site.objects.get().is_default_site


def test_a_mistake_in_a_file_is_reported_all_the_same(folder, home):
    folder.load(SITE)

    [problem] = folder.problems(SITE.replace("code:", "cod:"), create_only=True)

    assert "has no field 'cod'" in problem


def test_the_command_says_how_much_differs_and_what_would_change_it(folder, home):
    folder.load(SITE)
    publish(article(), title="Edited")

    assert folder.command(SITE, "--create-only") == (
        "1 page kept; 1 job unchanged\n"
        "1 kept although the files say otherwise;"
        " without --create-only the files win.\n"
    )


def test_the_command_takes_no_two_ways_with_editors_work(folder, home):
    with pytest.raises(CommandError, match="not allowed with argument"):
        folder.command(SITE, "--create-only", "--on-conflict=ours")


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")
@pytest.mark.parametrize("create_only", [False, True])
def test_an_image_without_its_file_gets_it_back(folder, home, settings, create_only):
    folder.image("a.png")
    folder.load("!image {file: a.png, title: A}")
    image = get_image_model().objects.get()
    image.get_rendition("width-4")
    shutil.rmtree(settings.MEDIA_ROOT)
    get_image_model().objects.update(title="Edited")
    text = "!image {file: a.png, title: %s}" % ("A" if create_only else "Edited")

    report = folder.load(text, create_only=create_only)

    assert report.summary() == "1 image restored"
    image = get_image_model().objects.get()
    assert image.title == "Edited"
    assert Path(image.file.path).read_bytes() == (folder.path / "a.png").read_bytes()
    assert Path(image.get_rendition("width-4").file.path).exists()
    assert folder.load(text, create_only=True).count("images", "restored") == 0


def test_a_document_without_its_file_gets_it_back(folder, home, settings):
    settings.WAGTAILDOCS_EXTENSIONS = ["txt"]
    folder.write("Report", "report.txt")
    folder.load("!document {file: report.txt}")
    shutil.rmtree(settings.MEDIA_ROOT)

    assert folder.load("!document {file: report.txt}").summary() == (
        "1 document restored"
    )
    assert Path(settings.MEDIA_ROOT, "documents", "report.txt").read_text() == "Report"


def test_a_file_that_was_restored_goes_again_if_the_run_fails(
    folder, home, settings, monkeypatch
):
    folder.image("a.png")
    folder.load("!image {file: a.png}")
    shutil.rmtree(settings.MEDIA_ROOT)
    bad = "!image {file: a.png}\n---\n!testapp.job {slug: x, title: X}"
    monkeypatch.setattr(Job, "save", lambda *args, **options: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        folder.load(bad)

    assert list(Path(settings.MEDIA_ROOT).rglob("*.png")) == []
