"""Error handlers are imported when the first error needs them."""

from __future__ import annotations

import traceback
import types

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import get_resolver, reverse

HANDLERS = {
    "errors.py": """
        from django.http import HttpResponse

        def not_found(request, exception):
            return HttpResponse("nothing there", status=404)

        def forbidden(request, exception):
            return HttpResponse("not for you", status=403)

        def bad(request, exception):
            return HttpResponse("bad", status=400)

        def failed(request):
            return HttpResponse("failed", status=500)
    """,
    "site_views.py": """
        from django.core.exceptions import BadRequest, PermissionDenied

        def refuse(request):
            raise PermissionDenied

        def bad(request):
            raise BadRequest

        def fail(request):
            raise LookupError
    """,
    "site_urls.py": """
        from cbv_lazy_urls import lazy, lazy_patterns, path

        urlpatterns = lazy_patterns(
            "site_views",
            path("refuse/", "refuse", name="refuse"),
            path("bad/", "bad"),
            path("fail/", "fail"),
        )
        handler400 = lazy("errors.bad")
        handler403 = lazy("errors.forbidden")
        handler404 = lazy("errors.not_found")
        handler500 = lazy("errors.failed")
    """,
}


@pytest.fixture
def handled(site):
    site.write(HANDLERS)
    return site


def test_checks_and_reverse_import_no_handler(handled):
    assert run_checks(tags=["urls"]) == []
    reverse("refuse")

    assert handled.modules == set()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/nowhere/", b"nothing there"),
        ("/refuse/", b"not for you"),
        ("/bad/", b"bad"),
        ("/fail/", b"failed"),
    ],
)
def test_each_handler_answers(handled, path, content):
    client = Client(raise_request_exception=False)

    assert client.get(path).content == content
    assert client.get(path).content == content


def test_after_the_first_error_the_handler_is_the_plain_function(handled):
    Client().get("/nowhere/")

    assert type(get_resolver().resolve_error_handler(404)) is types.FunctionType
    assert type(get_resolver().urlconf_module.handler404) is types.FunctionType
    assert "LazyView" in repr(type(get_resolver().urlconf_module.handler403))


def test_a_handler_that_fails_shows_nothing_of_the_package_afterwards(handled):
    handled.write({"errors.py": "def failed(request): raise KeyError\n"})
    for is_loaded in (False, True):
        with pytest.raises(KeyError) as caught:
            Client(raise_request_exception=False).get("/fail/")
        frames = traceback.extract_tb(caught.value.__traceback__)
        ours = [frame for frame in frames if "cbv_lazy_urls/src" in frame.filename]
        assert not (is_loaded and ours)
