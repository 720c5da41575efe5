"""Pages keep their identity when they move, and their places are what the files say."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from tests.folders import ARTICLE, HOME, PAGE, article
from tests.testapp.models import ArticlePage, HomePage
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageLogEntry, Revision, Site

from wagtailimporter import import_files

pytestmark = pytest.mark.django_db

ONE, TWO = (
    "0b7a3c52-0000-4000-8000-000000000001",
    "0b7a3c52-0000-4000-8000-000000000002",
)


def page_of(url: str, *lines: str) -> str:
    return "\n".join(
        [PAGE.format(url=url, type="articlepage").strip(), *lines, "---\n"]
    )


def urls() -> list[str]:
    assert Page.find_problems() == ([], [], [], [], [])
    return list(
        Page.objects.filter(depth__gt=2)
        .order_by("path")
        .values_list("url_path", flat=True)
    )


def test_a_uid_is_the_translation_key_of_the_page(folder, home):
    folder.load(page_of("/main/a", f"uid: {ONE}"))

    assert str(article("a").translation_key) == ONE


def test_a_page_that_has_no_uid_yet_is_found_by_its_url(folder, home):
    folder.load(page_of("/main/a"))
    before = article("a")

    assert folder.load(page_of("/main/a", f"uid: {ONE}")).summary() == "1 page updated"

    assert (article("a").pk, str(article("a").translation_key)) == (before.pk, ONE)


def test_a_new_url_keeps_the_page_and_all_below_it(folder, home):
    folder.load(page_of("/main/a", f"uid: {ONE}") + page_of("/main/a/child"))
    before, child = article("a"), article("child")

    report = folder.load(
        page_of("/main/longer", f"uid: {ONE}")
        + page_of("/main/longer/child", "code: x")
    )

    assert report.summary() == "2 pages updated"
    assert urls() == ["/main/longer/", "/main/longer/child/"]
    assert (article("longer").pk, article("child").pk) == (before.pk, child.pk)
    assert Revision.objects.for_instance(before).count() == 2
    assert article("longer").latest_revision.content["slug"] == "longer"
    again = page_of("/main/longer", f"uid: {ONE}") + page_of(
        "/main/longer/child", "code: x"
    )
    assert folder.load(again).summary() == "2 pages unchanged"


def test_a_page_moves_below_one_that_is_new(folder, home):
    folder.load(page_of("/main/a", f"uid: {ONE}") + page_of("/main/a/child"))
    before = article("a").pk

    folder.load(page_of("/main/new") + page_of("/main/new/b", f"uid: {ONE}"))

    assert urls() == ["/main/new/", "/main/new/b/", "/main/new/b/child/"]
    assert article("b").pk == before


def test_two_pages_swap_their_slugs(folder, home):
    folder.load(page_of("/main/a", f"uid: {ONE}") + page_of("/main/b", f"uid: {TWO}"))
    keys = article("a").pk, article("b").pk

    folder.load(page_of("/main/b", f"uid: {ONE}") + page_of("/main/a", f"uid: {TWO}"))

    assert (article("b").pk, article("a").pk) == keys
    assert urls() == ["/main/b/", "/main/a/"]


def test_a_page_does_not_take_the_url_of_another(folder, home):
    folder.load(page_of("/main/a", f"uid: {ONE}") + page_of("/main/b"))

    [problem] = folder.problems(page_of("/main/b", f"uid: {ONE}"))

    assert problem == (
        "site.yaml:1:6: '/main/b/' is another page already; delete or rename that one."
    )


def test_a_uid_is_a_uuid(folder, home):
    [problem] = folder.problems(page_of("/main/a", "uid: seven"))

    assert problem == "site.yaml:4:6: 'seven' is no uid; write a UUID."


def test_a_move_leaves_a_redirect_if_the_site_wants_one(
    folder, home, settings, django_capture_on_commit_callbacks
):
    settings.WAGTAILREDIRECTS_AUTO_CREATE = True
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    folder.load(page_of("/main/a", f"uid: {ONE}"))

    with django_capture_on_commit_callbacks(execute=True):
        folder.load(page_of("/main/b", f"uid: {ONE}"))

    redirect = Redirect.objects.get()
    assert (redirect.old_path, redirect.redirect_page_id) == ("/a", article("b").pk)


def test_children_stand_in_the_order_of_the_file(folder, home):
    pages = "".join(page_of(f"/main/{slug}") for slug in "abcd")
    folder.load(pages)
    text = HOME + "children: [c, a]\n---\n" + pages

    assert folder.load(text).count("pages", "updated") == 1

    assert urls() == ["/main/c/", "/main/a/", "/main/b/", "/main/d/"]
    assert folder.load(text).count("pages", "unchanged") == 5


def test_a_child_that_is_not_there_cannot_stand_anywhere(folder, home):
    [problem] = folder.problems(HOME + "children: [nwes]\n---\n" + ARTICLE)

    assert problem == (
        "site.yaml:5:1: page /main/ has no child 'nwes'; did you mean 'news'?"
    )


def test_a_draft_is_no_part_of_the_site(folder, home):
    text = page_of("/main/a", "live: false", "code: %s")
    folder.load(text % "one")

    page = article("a")
    assert (page.live, page.status_string) == (False, "draft")
    assert folder.load(text % "one").summary() == "1 page unchanged"
    assert folder.load(text % "two").summary() == "1 page updated"
    assert (
        folder.load(page_of("/main/a", "live: true", "code: two")).summary()
        == "1 page updated"
    )
    assert article("a").live


def test_a_live_page_is_unpublished(folder, home):
    folder.load(page_of("/main/a"))

    folder.load(page_of("/main/a", "live: false"))

    assert not article("a").live
    log = PageLogEntry.objects.filter(page=article("a").pk)
    assert log.filter(action="wagtail.unpublish").exists()
    assert (
        folder.load(page_of("/main/a", "live: false")).summary() == "1 page unchanged"
    )


def test_the_welcome_page_goes_when_the_site_begins_elsewhere(folder, home):
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    text = (
        PAGE.format(url="/start", type="homepage")
        + "---\n!site {hostname: localhost, root_page: {page: /start}}\n---\n"
        + "url: /main\ntype: testapp.homepage\nabsent: true"
    )

    assert folder.load(text).summary() == ("1 page created, 1 deleted; 1 site updated")

    assert HomePage.objects.get().slug == "start"
    assert Site.objects.get().root_page.slug == "start"
    assert folder.load(text).summary() == "1 page unchanged; 1 site unchanged"


def test_a_page_is_not_deleted_with_what_the_files_do_not_know(folder, home):
    Site.objects.create(hostname="localhost", root_page=home)
    folder.load(page_of("/main/a"))

    problems = folder.problems("url: /main\ntype: testapp.homepage\nabsent: true")

    assert problems == [
        "site.yaml:1:1: '/main/a/' is below page /main/; describe it as absent too.",
        "site.yaml:1:1: site 'localhost' begins at page /main/; give it another root_page.",
    ]


def test_theirs_keeps_the_draft_of_an_editor_and_writes_the_rest(folder, home):
    folder.load(page_of("/main/a") + page_of("/main/b"))
    page = article("a")
    page.title = "Draft"
    page.save_revision()
    text = page_of("/main/a", "code: new") + page_of("/main/b", "code: new")

    report = folder.load(text, on_conflict="theirs")

    assert report.summary() == "1 page updated, 1 kept"
    assert article("a").code == ""
    assert article("b").code == "new"


@pytest.mark.django_db(transaction=True)
def test_an_editor_who_moves_a_page_waits_for_the_import(folder, settings):
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title="Main", slug="main"))
    section = home.add_child(instance=ArticlePage(title="S", slug="s"))
    other = home.add_child(instance=ArticlePage(title="T", slug="t"))
    path = folder.write("".join(page_of(f"/main/s/p{n}") for n in range(20)))
    begun, moved = threading.Event(), threading.Event()

    def move() -> None:
        try:
            assert begun.wait(30)
            Page.objects.get(pk=section.pk).move(
                Page.objects.get(pk=other.pk), pos="last-child"
            )
        finally:
            moved.set()
            connections.close_all()

    thread = threading.Thread(target=move)
    thread.start()
    with transaction.atomic():
        import_files([path])
        begun.set()
        assert not moved.wait(0.3)
    thread.join(30)

    assert moved.is_set()
    assert Page.find_problems() == ([], [], [], [], [])
    assert Page.objects.get(slug="p7").get_parent().pk == section.pk
