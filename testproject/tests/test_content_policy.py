from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from home.content_policy import HEADER, ContentPolicyMiddleware, header_value


def policy_of(path: str, response: HttpResponse) -> str:
    def answer(request: HttpRequest) -> HttpResponse:
        return response

    middleware = ContentPolicyMiddleware(answer)
    return str(middleware(RequestFactory().get(path)).headers[HEADER])


@pytest.mark.django_db
def test_every_page_says_what_it_may_load(client: Client) -> None:
    policy = client.get("/no such page/").headers[HEADER]

    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "is_wider"), [("/admin/", True), ("/django-admin/", False)]
)
def test_only_wagtails_admin_may_have_scripts_in_its_pages(
    client: Client, path: str, is_wider: bool
) -> None:
    client.force_login(get_user_model().objects.create_superuser("editor"))

    policy = client.get(path).headers[HEADER]

    assert ("script-src 'self' 'unsafe-inline'" in policy) is is_wider
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy


def test_a_view_keeps_the_policy_that_it_sets() -> None:
    response = HttpResponse(headers={HEADER: "default-src 'none'"})

    assert policy_of("/", response) == "default-src 'none'"


def test_a_path_that_only_begins_like_an_admin_is_public() -> None:
    assert "unsafe" not in policy_of("/administration/", HttpResponse())


def test_a_policy_is_a_line_of_directives() -> None:
    policy = {"default-src": ["'self'"], "img-src": ["'self'", "data:"]}

    assert header_value(policy) == "default-src 'self'; img-src 'self' data:"
