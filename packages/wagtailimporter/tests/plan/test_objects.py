from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.testapp.models import Banner, Brand, Job, Seat, SocialMedia, Topic
from wagtail.models import Page, Site

pytestmark = pytest.mark.django_db

JOB = "!testapp.job {slug: gardener, title: Gardener}"


def test_a_site_is_found_by_its_hostname(folder, home):
    folder.load("!site {hostname: example.com, root_page: !page {url: /main}}")
    site = Site.objects.get()
    assert site.root_page_id == home.pk

    report = folder.load("!site {hostname: example.com, site_name: Example}")

    site.refresh_from_db()
    assert report.summary() == "1 site updated"
    assert (site.site_name, site.root_page_id, site.port) == ("Example", home.pk, 80)


def test_sites_of_one_hostname_differ_by_their_port(folder, home):
    site = "!site {hostname: example.com, port: %s, root_page: !page {url: /main}}"

    folder.load(site % 80 + "\n---\n" + site % 8000)

    assert Site.objects.count() == 2
    assert folder.problems("!site {hostname: example.com}") == [
        "site.yaml:1:1: there are several: wagtailcore.site hostname 'example.com';"
        " give more fields."
    ]


def test_the_default_site_moves(folder, home):
    Site.objects.create(hostname="old", root_page=home, is_default_site=True)

    folder.load(
        "!site {hostname: new, root_page: !page {url: /main}, is_default_site: yes}"
    )

    assert Site.objects.get(is_default_site=True).hostname == "new"


def test_a_site_may_be_described_where_it_is_referred_to(folder, home):
    folder.load("""
        !testapp.socialmedia
        site: !site {hostname: localhost, root_page: !page {url: /main}}
        mastodon_url: https://example.social/@us
    """)

    assert SocialMedia.objects.get().site == Site.objects.get()


def test_a_setting_is_found_by_its_site(folder, home):
    folder.image("a.png")
    site = "!site {hostname: localhost, root_page: !page {url: /main}}\n---\n"
    setting = "!testapp.socialmedia\nsite: !site {hostname: localhost}\n"
    folder.load(site + setting + "mastodon_url: https://example.social/@us")

    report = folder.load(setting + "image: !image {file: a.png, title: A}")

    stored = SocialMedia.objects.get()
    assert report.summary() == "1 image created; 1 social media updated"
    assert stored.mastodon_url == "https://example.social/@us"
    assert stored.image.title == "A"


def test_a_setting_without_a_site_is_the_only_one(folder):
    folder.load("!testapp.brand {colour: red}")
    folder.load("!testapp.brand {colour: blue}")

    assert Brand.objects.get().colour == "blue"


def test_an_object_is_created_then_updated(folder):
    assert folder.load(JOB).summary() == "1 job created"
    assert folder.load(JOB).summary() == "1 job unchanged"
    assert folder.load(JOB.replace("Gardener", "Cook")).summary() == "1 job updated"
    assert Job.objects.get().title == "Cook"


def test_an_object_is_found_by_fields_that_are_unique_together(folder):
    folder.load(
        "!testapp.seat {row: A, number: 1}\n---\n!testapp.seat {row: A, number: 2}"
    )
    folder.load("!testapp.seat {row: A, number: 1, note: window}")

    assert list(Seat.objects.order_by("number").values_list("note", flat=True)) == [
        "window",
        "",
    ]


def test_an_object_without_a_unique_field_is_refused(folder):
    assert folder.problems("!testapp.job {title: X}\n---\n!testapp.seat {row: A}") == [
        "site.yaml:1:1: !testapp.job needs a unique field to be found by;"
        " give slug or code.",
        "site.yaml:3:1: !testapp.seat needs a unique field to be found by;"
        " give row with number.",
    ]


def test_objects_refer_to_each_other_in_any_order(folder, home):
    folder.load(
        """
        !testapp.job
        slug: a
        title: A
        contact: !testapp.job {slug: b}
        topics: [!testapp.topic {slug: t}, !testapp.topic {slug: new, title: New}]
        page: !page {url: /main/x}
        tags: [x]
        ---
        !testapp.job {slug: b, title: B, contact: !testapp.job {slug: a}}
        ---
        !testapp.topic {slug: t, title: T}
        ---
        url: /main/x
        type: testapp.articlepage
        title: X
        topics: [!testapp.topic {title: T}]
    """.replace("{title: T}", "{slug: t}")
    )

    job = Job.objects.get(slug="a")
    assert job.contact.contact == job
    assert sorted(job.topics.values_list("slug", flat=True)) == ["new", "t"]
    assert job.page.slug == "x"
    assert list(job.tags.names()) == ["x"]


def test_a_reference_may_look_up_by_any_field(folder):
    Topic.objects.create(slug="t", title="Topic")

    folder.load(
        "!testapp.job {slug: a, title: A, topics: [!testapp.topic {title: Topic}]}"
    )

    assert Job.objects.get().topics.get().slug == "t"


def test_what_the_model_itself_rewrites_is_no_change(folder):
    job = "!testapp.job {slug: a, title: A, email: Ada@Example.ORG}"
    folder.load(job)

    assert Job.objects.get().email == "ada@example.org"
    assert folder.load(job).summary() == "1 job unchanged"


def test_one_object_described_twice_is_merged_unless_it_differs(folder):
    again = "\n---\n!testapp.job {slug: gardener, %s}"

    folder.load(JOB + again % "email: a@example.org")
    (problem,) = folder.problems(JOB + again % "title: Cook")

    assert Job.objects.get().email == "a@example.org"
    assert problem.startswith(
        "site.yaml:3:31: 'title' of testapp.job slug 'gardener' has another value"
    )


def test_a_snippet_with_drafts_is_published(folder):
    banner = "!testapp.banner {slug: b, text: %s}"
    folder.load(banner % "One")
    folder.load(banner % "Two")

    stored = Banner.objects.get()
    assert stored.live
    assert stored.text == stored.get_latest_revision_as_object().text == "Two"

    stored.text = "Draft"
    stored.save_revision()
    assert "unpublished changes" in folder.problems(banner % "Three")[0]


def test_many_objects_are_looked_up_in_one_query(folder):
    def queries_of(count: int) -> int:
        text = "\n---\n".join(
            f"!testapp.job {{slug: j{n}, title: J, contact: !testapp.job {{slug: j0}}}}"
            for n in range(count)
        )
        folder.load(text)
        with CaptureQueriesContext(connection) as queries:
            folder.load(text)
        return len(queries)

    assert queries_of(2) == queries_of(20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "!testapp.jobs {slug: a}",
            "1:1: there is no '!testapp.jobs'; did you mean '!testapp.job'?",
            id="model",
        ),
        pytest.param(
            "!custom_snippet {slug: a}",
            "1:1: there is no '!custom_snippet'; write !app_label.model",
            id="own tag",
        ),
        pytest.param(
            "!testapp.job {slug: a, titlt: x}",
            "1:24: testapp.job has no field 'titlt'; did you mean 'title'?",
            id="field",
        ),
        pytest.param(
            "!testapp.job {slug: a, title: A, contact: !testapp.job {slug: b}}",
            "1:43: there is no testapp.job slug 'b'; import it too.",
            id="missing",
        ),
        pytest.param(
            "!testapp.job {slug: a, title: A, contact: !testapp.job {slg: b}}",
            "1:57: testapp.job has no field 'slg'; did you mean 'slug'?",
            id="lookup",
        ),
        pytest.param(
            "!testapp.job {slug: a b, title: A}",
            "1:15: slug: Enter a valid “slug”",
            id="invalid",
        ),
        pytest.param(
            "!testapp.seat {row: A, number: x}",
            "1:32: “x” value must be an integer.",
            id="identity",
        ),
        pytest.param(
            "!site {hostname: x}",
            "1:1: root_page: This field cannot be null.",
            id="site",
        ),
    ],
)
def test_an_object_that_cannot_be_is_refused_at_its_place(folder, text, expected):
    problems = folder.problems(text)

    assert problems[-1].startswith(f"site.yaml:{expected}")


def test_a_reference_to_a_refused_object_adds_no_second_problem(folder):
    text = """
        !testapp.job {slug: a, title: A, contact: !testapp.job {slug: b, title: B, code: [x]}}
        ---
        !testapp.socialmedia {site: !site {hostname: [x], root_page: !page {url: /no}}}
    """

    assert [line.split(": ")[0] for line in folder.problems(text)] == [
        "site.yaml:2:82",
        "site.yaml:4:46",
    ]
    assert Page.objects.count() == 1
