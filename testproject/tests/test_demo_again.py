"""A demo that is started again: content files are seeds, the rest is the editors'."""

from __future__ import annotations

import os
import pty
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from wagtail.images import get_image_model

from home.renditions import forget_lost_renditions
from tests.sites import Sites, manage, run, start

# What an editor may do in an afternoon.
EDIT = """
from wagtail.models import Page, Site
from home.models import ContentPage
from jobs.models import FeedPartner, Job
from people.models import Person

published = ContentPage.objects.get(slug="rail-trail")
published.title = "Edited and published"
published.save_revision().publish()
drafted = ContentPage.objects.get(slug="compost")
drafted.title = "Published once"
drafted.save_revision().publish()
drafted.title = "Only a draft"
drafted.save_revision()
Person.objects.filter(slug="ana-castelo").update(role="Retired")
Job.objects.filter(slug="compost-collector-brunswick").update(location="Elsewhere")
Job.objects.order_by("slug").last().delete()
Site.objects.update(site_name="Our Commons")
FeedPartner.objects.update(token="the editor's own")
"""
LOOK = """
from wagtail.models import Page, Site
from home.models import ContentPage
from jobs.models import FeedPartner, Job
from people.models import Person

page = ContentPage.objects.get(slug="compost")
print(ContentPage.objects.get(slug="rail-trail").title)
print(page.title, "/", page.get_latest_revision_as_object().title)
print(Person.objects.get(slug="ana-castelo").role, Job.objects.count())
print(Site.objects.get().site_name, FeedPartner.objects.get().token)
"""
MOVE_HOME = """
from home.models import HomePage
page = HomePage.objects.get()
page.slug = "front"
page.save_revision().publish()
"""


def shell(code: str, environ: dict[str, str]) -> str:
    code, output, errors = run("shell", "-v", "0", "-c", code, environ=environ)
    assert code == 0, errors
    return output


def demo(environ: dict[str, str], *options: str) -> str:
    code, output, errors = run("demo", "--once", *options, environ=environ)
    assert (code, errors) == (0, "")
    return output


@pytest.fixture
def copy(sites: Sites, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a site of one test."""
    with sites.copied(tmp_path, "copy") as environ:
        yield environ


@dataclass
class Afterwards:
    """What a second demo printed and left, after a busy afternoon."""

    output: str
    seen: list[str]
    media: Path


@pytest.fixture(scope="module")
def afterwards(
    sites: Sites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Afterwards]:
    with sites.copied(tmp_path_factory.mktemp("edited"), "edited") as environ:
        media = Path(environ["TEST_SITE_FILES"], "media")
        shell(EDIT, environ)
        shutil.rmtree(media)
        output = demo(environ)
        yield Afterwards(output, shell(LOOK, environ).splitlines(), media)


def test_a_second_demo_leaves_everything_as_editors_left_it(
    afterwards: Afterwards,
) -> None:
    assert afterwards.seen == [
        "Edited and published",
        "Published once / Only a draft",
        "Retired 40",
        "Our Commons the editor's own",
    ]
    assert "2 pages kept, 36 unchanged;" in afterwards.output
    assert "1 job created" in afterwards.output
    assert "4 kept although the files say otherwise" in afterwards.output


def test_media_that_were_deleted_come_back(afterwards: Afterwards) -> None:
    assert "31 images restored" in afterwards.output
    assert len(list(afterwards.media.glob("original_images/images/*"))) == 31


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")
def test_a_scaled_image_whose_file_was_deleted_is_made_anew() -> None:
    image = get_image_model().objects.first()
    lost, kept = image.get_rendition("width-11"), image.get_rendition("width-12")
    lost.file.storage.delete(lost.file.name)

    forget_lost_renditions()

    assert list(image.renditions.all()) == [kept]
    assert Path(image.get_rendition("width-11").file.path).exists()
    image.renditions.all().delete()


def test_the_next_process_knows_the_sessions_of_this_one(sites: Sites) -> None:
    environ = sites["database"].environ
    [key] = Path(environ["TEST_SITE_FILES"], "secret_key").read_text().splitlines()

    code = "from django.conf import settings; print(settings.SECRET_KEY)"

    assert len(key) >= 50
    assert shell(code, environ) == f"{key}\n"


def test_content_that_no_longer_fits_is_told_and_the_site_is_served(
    copy: dict[str, str],
) -> None:
    shell(MOVE_HOME, copy)

    code, output, errors = run("demo", "--once", environ=copy)

    assert code == 0
    assert "max_count" in errors
    assert "`make demo ARGS=--reset` starts over" in errors
    assert "Traceback" not in errors
    assert "GET / 200 Shared gardens" in output


def test_a_reset_starts_over_and_makes_another_password(copy: dict[str, str]) -> None:
    output = demo(copy, "--reset")

    assert re.search(r"as admin, password \S+ \(printed only now\)", output)
    assert "31 images created; 40 jobs created" in output


def test_a_reset_asks_on_a_terminal(copy: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with manage("demo", "--once", "--reset", environ=copy, stdin=theirs) as process:
        os.write(ours, b"n\n")
        output, errors = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)

    assert process.returncode == 1
    assert "Delete everything in database fieldkit_site_" in output
    assert errors == "CommandError: nothing was deleted.\n"


def test_a_reset_waits_for_no_other_demo(copy: dict[str, str], tmp_path: Path) -> None:
    site = start(copy, tmp_path / "errors")

    code, _, errors = run("demo", "--once", "--reset", environ=copy)

    site.interrupt()
    assert (code, errors.count("\n")) == (1, 1)
    assert "the database is in use" in errors
