from __future__ import annotations

import pytest
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from tests.testapp.models import ArticlePage, Job, SocialMedia

pytestmark = pytest.mark.django_db


def test_a_whole_site_is_imported_from_one_file(folder, home):
    folder.image("images/team.jpg")

    report = folder.load_below_home("""
        url: /main/about-us
        type: testapp.articlepage
        title: About us
        body:
          - type: heading
            value: About us
          - type: image
            value: !image {file: team.jpg, title: The team}
          - type: link
            value: {page: !page {url: /main/contact}, text: Contact us}
          - type: link
            page: !page {url: /main}
            text: Home
        intro: <p>Rich text</p>
        ---
        url: /main/contact
        type: testapp.articlepage
        title: Contact
        other: !page {url: /main/about-us}
        ---
        !site
        hostname: localhost
        root_page: !page {url: /main}
        ---
        !testapp.socialmedia
        site: !site {hostname: localhost}
        mastodon_url: https://example.social/@us
        ---
        !testapp.job
        slug: gardener-carlton
        title: Gardener
    """)

    about = ArticlePage.objects.get(slug="about-us")
    contact = ArticlePage.objects.get(slug="contact")
    assert report.count("pages", "created") == 2
    assert about.body[0].value == "About us"
    assert about.body[1].value == get_image_model().objects.get(title="The team")
    assert about.body[2].value["page"].pk == contact.pk
    assert about.body[3].value["text"] == "Home"
    assert contact.other.pk == about.pk
    site = Site.objects.get(hostname="localhost")
    assert site.root_page_id == home.pk
    assert SocialMedia.objects.get().site == site
    assert Job.objects.get().title == "Gardener"
    assert Page.find_problems() == ([], [], [], [], [])
