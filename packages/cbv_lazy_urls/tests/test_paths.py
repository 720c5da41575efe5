"""A lazy path behaves as the eager one, from the first request on."""

from __future__ import annotations

import asyncio
import traceback
import types

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient, Client, RequestFactory
from django.urls import (
    NoReverseMatch,
    Resolver404,
    URLPattern,
    get_resolver,
    resolve,
    reverse,
)
from django.utils import translation

URLS = """
    from django.conf.urls.i18n import i18n_patterns
    from django.contrib.auth.decorators import login_required
    from django.views.decorators.csrf import csrf_exempt
    from cbv_lazy_urls import include, lazy, lazy_patterns, path, re_path

    urlpatterns = [
        path("cart/", "shop.views.Cart", {"title": "Basket"}, name="cart"),
        path("old/<int:year>/", "shop.views.Cart", name="year", kwargs={"old": True}),
        re_path(r"^re/(?P<slug>[a-z]+)/$", "shop.views.Cart", name="re"),
        path("report/", "shop.functions.report", name="report", kwargs={"month": 3}),
        path("ping/", "shop.later.ping", name="ping"),
        path("feed/", "shop.later.Feed", name="feed"),
        path("nameless/", "shop.functions.report"),
        path(
            "hook/",
            lazy("shop.functions.report", decorators=[csrf_exempt, login_required]),
        ),
        *lazy_patterns("shop", path("pre/", "views.Cart", name="pre")),
    ]
    urlpatterns += i18n_patterns(path("intl/", "shop.views.Cart", name="intl"))
"""


@pytest.fixture
def urls(shop):
    shop.write({"site_urls.py": URLS})
    return shop


def content(path, **options):
    return Client(**options).get(path).content.decode()


def test_resolving_imports_the_module_of_the_match_alone(urls):
    assert urls.modules == set()

    match = resolve("/cart/")

    assert urls.modules == {"shop.views"}
    assert match.func.view_class.__name__ == "Cart"
    assert match.func.view_initkwargs == {"title": "Basket"}
    assert match.kwargs == {}
    with pytest.raises(Resolver404):
        resolve("/nowhere/")
    assert urls.modules == {"shop.views"}


def test_reversing_imports_nothing_in_any_language(urls):
    assert reverse("cart") == "/cart/"
    assert reverse("year", kwargs={"year": 1999}) == "/old/1999/"
    assert reverse("year", args=[1999]) == "/old/1999/"
    assert reverse("re", kwargs={"slug": "abc"}) == "/re/abc/"
    assert reverse("report") == reverse("report", kwargs={"month": 3}) == "/report/"
    assert reverse("pre") == "/pre/"
    assert reverse("intl") == "/en/intl/"
    with translation.override("de"):
        assert reverse("intl") == "/de/intl/"
    with pytest.raises(NoReverseMatch):
        reverse("year", kwargs={"year": "x"})
    with pytest.raises(NoReverseMatch):
        reverse("unknown")

    assert urls.modules == set()


def test_requests_are_answered(urls):
    assert content("/cart/") == "Basket {}"
    assert content("/old/1999/") == "Cart {'year': 1999, 'old': True}"
    assert content("/re/abc/") == "Cart {'slug': 'abc'}"
    assert content("/report/") == "report {'month': 3}"
    assert content("/ping/") == "pong"
    assert content("/feed/") == "feed"
    assert content("/pre/") == "Cart {}"
    assert content("/de/intl/") == "Cart {}"


def test_async_views_run_in_the_loop_of_an_async_server(urls):
    async def both():
        client = AsyncClient()
        return [(await client.get(path)).content for path in ("/ping/", "/feed/")]

    assert asyncio.run(both()) == [b"pong", b"feed"]


def test_after_the_first_request_a_path_is_a_plain_pattern(urls):
    pattern = get_resolver().url_patterns[0]
    before = resolve("/cart/")

    after = resolve("/cart/")

    assert type(pattern) is URLPattern
    assert type(before.func) is types.FunctionType
    assert after.func is before.func is pattern.callback
    assert not hasattr(pattern, "url_patterns")


def test_an_error_of_a_view_shows_nothing_of_the_package(site):
    site.write(
        {
            "broken.py": "def view(request): raise LookupError\n",
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("", "broken.view")]
            """,
        }
    )

    for _ in range(2):  # the first request loads it
        with pytest.raises(LookupError) as caught:
            Client().get("/")
        frames = traceback.extract_tb(caught.value.__traceback__)
        assert not [frame for frame in frames if "cbv_lazy_urls/src" in frame.filename]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_callable_is_reversed_once_its_view_is_loaded(urls, when):
    if when == "before":  # the table is made before the view is loaded
        assert reverse("cart") == "/cart/"
    import_module = __import__("importlib").import_module
    report = import_module("shop.functions").report
    with pytest.raises(NoReverseMatch):
        reverse(report)

    resolve("/report/")
    assert reverse(report) == "/report/"

    # Several paths to one function: the last that fits, as Django decides.
    resolve("/nameless/")
    assert reverse(report) == "/nameless/"
    assert reverse(report, kwargs={"month": 3}) == "/report/"
    with translation.override("de"):
        assert reverse(report) == "/nameless/"


def test_a_lazy_view_itself_can_be_reversed_before_it_is_loaded(shop):
    shop.write(
        {
            "site_urls.py": """
                from cbv_lazy_urls import lazy, path
                report = lazy("shop.functions.report")
                urlpatterns = [path("report/", report)]
            """
        }
    )
    import site_urls

    assert reverse(site_urls.report) == "/report/"
    assert shop.modules == set()


def test_decorators_wrap_the_view_the_first_outermost(urls):
    assert resolve("/hook/").func.csrf_exempt
    client = Client(enforce_csrf_checks=True)
    request = RequestFactory().post("/hook/")
    request.user = type("User", (), {"is_authenticated": False})()
    assert resolve("/hook/").func(request).status_code == 302
    assert client.post("/cart/").status_code == 403


def test_middleware_reads_the_attributes_of_the_real_view(shop, settings):
    settings.MIDDLEWARE = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
    shop.write(
        {
            "open_views.py": """
                from django.contrib.auth.decorators import login_not_required
                from django.db import transaction
                from django.http import HttpResponse
                from django.utils.decorators import method_decorator
                from django.views import View

                @method_decorator(login_not_required, name="dispatch")
                class Open(View):
                    def get(self, request):
                        return HttpResponse("open")

                @transaction.non_atomic_requests
                def slow(request):
                    return HttpResponse("slow")
            """,
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [
                    path("open/", "open_views.Open"),
                    path("slow/", "open_views.slow"),
                ]
            """,
        }
    )

    assert resolve("/open/").func.login_required is False
    assert resolve("/slow/").func._non_atomic_requests == {"default"}


def test_another_root_urlconf_takes_over_and_gives_back(urls, settings):
    urls.write(
        {
            "other_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("elsewhere/", "shop.functions.report", name="cart")]
            """
        }
    )
    assert reverse("cart") == "/cart/"

    settings.ROOT_URLCONF = "other_urls"
    assert reverse("cart") == "/elsewhere/"
    assert content("/elsewhere/") == "report {}"

    settings.ROOT_URLCONF = "site_urls"
    assert reverse("cart") == "/cart/"
    assert reverse("cart", urlconf="other_urls") == "/elsewhere/"


def test_views_that_are_not_lazy_are_left_to_django(shop):
    shop.write(
        {
            "site_urls.py": """
                from django.urls import path as django_path
                from cbv_lazy_urls import include, path, re_path
                from shop.functions import report
                from shop.views import Cart

                urlpatterns = [
                    path("a/", report, {"month": 1}, "a"),
                    path("b/", Cart.as_view(), name="b", kwargs={"b": 1}),
                    path("c/", include(([re_path("^d$", report, name="d")], "c"))),
                ]
            """
        }
    )

    assert content("/a/") == "report {'month': 1}"
    assert content("/b/") == "Cart {'b': 1}"
    assert reverse("c:d") == "/c/d"


def test_what_path_cannot_take_is_refused(shop):
    from cbv_lazy_urls import include, lazy, lazy_urls, path

    cases = [
        (lambda: path("a/", 3), TypeError, "view must be a callable"),
        (lambda: path("a/", "a.B", [1]), TypeError, "are dicts, not list"),
        (lambda: path("a/", "a.B", kwargs=1), TypeError, "are dicts, not int"),
        (lambda: path("a/", lazy("a.B"), {"x": 1}), TypeError, "stand in lazy"),
        (lambda: path("a/", len, {}, kwargs={}), TypeError, "Only a lazy view"),
        (
            lambda: include(lazy_urls("a.urls"), namespace="a"),
            ImproperlyConfigured,
            r"test_paths.py:\d+: a namespace needs the app_name",
        ),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()


def test_view_sets_take_actions(site):
    site.write(
        {
            "api.py": """
                from rest_framework.response import Response
                from rest_framework.routers import SimpleRouter
                from rest_framework.viewsets import ViewSet

                class Items(ViewSet):
                    suffix = "List"

                    def list(self, request):
                        return Response([self.suffix, 1, 2])

                router = SimpleRouter()
                router.register("items", Items, basename="item")
                urlpatterns = router.urls
            """,
            "site_urls.py": """
                from cbv_lazy_urls import include, lazy, lazy_urls, path
                urlpatterns = [
                    path("one/", lazy("api.Items", {"suffix": "S"}, actions={"get": "list"})),
                    path("all/", include(lazy_urls("api", app_name="api"), namespace="v1")),
                ]
            """,
        }
    )

    assert content("/one/") == '["S",1,2]'
    assert content("/all/items/") == '["List",1,2]'
    assert reverse("v1:item-list") == "/all/items/"
    assert resolve("/one/").func.actions["get"] == "list"
