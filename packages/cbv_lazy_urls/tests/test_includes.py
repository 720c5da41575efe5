"""A lazy include is imported when its prefix or its namespace is used."""

from __future__ import annotations

import sys

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import (
    NoReverseMatch,
    Resolver404,
    URLResolver,
    get_resolver,
    resolve,
    reverse,
)
from django.utils import translation

URLS = {
    "site_urls.py": """
        from cbv_lazy_urls import include, lazy_urls, path
        urlpatterns = [
            path("", "shop.functions.report", name="home"),
            path("shop/<int:branch>/", include(lazy_urls("shop.urls", app_name="shop"), namespace="main")),
            path("plain/", include(lazy_urls("plain_urls"))),
        ]
    """,
    "shop/urls.py": """
        from cbv_lazy_urls import include, lazy_urls, path
        app_name = "shop"
        urlpatterns = [
            path("cart/", "shop.views.Cart", name="cart"),
            path("inner/", include(lazy_urls("shop.inner", app_name="inner"))),
        ]
    """,
    "shop/inner.py": """
        from cbv_lazy_urls import path
        app_name = "inner"
        urlpatterns = [path("x/", "shop.views.Cart", name="x")]
    """,
    "plain_urls.py": """
        from cbv_lazy_urls import include, lazy_urls, path
        urlpatterns = [
            path("a/", "shop.views.Cart", name="a"),
            path("deep/", include(lazy_urls("deep_urls"))),
        ]
    """,
    "deep_urls.py": """
        from cbv_lazy_urls import path
        app_name = "deep"
        urlpatterns = [path("b/", "shop.views.Cart", name="b")]
    """,
}
INCLUDED = {"shop.urls", "shop.inner", "plain_urls", "deep_urls"}


@pytest.fixture
def urls(shop):
    shop.write(URLS)
    return shop


def imported():
    return INCLUDED & sys.modules.keys()


def test_nothing_is_imported_by_start_up_checks_and_known_names(urls):
    assert run_checks(tags=["urls"]) == []
    assert reverse("home") == "/"
    assert Client().get("/").status_code == 200
    with pytest.raises(Resolver404):
        resolve("/nowhere/")

    assert imported() == set()


def test_a_prefix_that_matches_imports_its_urls_alone(urls):
    match = resolve("/shop/3/cart/")

    assert match.view_name == "main:cart"
    assert match.app_name == "shop"
    assert match.kwargs == {"branch": 3}
    assert match.route == "shop/<int:branch>/cart/"
    assert imported() == {"shop.urls"}
    assert type(get_resolver().url_patterns[1]) is URLResolver


def test_a_namespace_that_is_reversed_imports_its_urls_and_no_view(urls):
    assert reverse("main:cart", kwargs={"branch": 3}) == "/shop/3/cart/"
    assert reverse("shop:cart", args=[3]) == "/shop/3/cart/"
    assert imported() == {"shop.urls"}
    assert reverse("main:inner:x", args=[3]) == "/shop/3/inner/x/"
    assert imported() == {"shop.urls", "shop.inner"}
    assert urls.modules == set()


def test_urls_without_a_namespace_are_read_for_an_unknown_name(urls):
    assert reverse("home") == "/"
    assert reverse("main:cart", args=[1]) == "/shop/1/cart/"
    assert "plain_urls" not in imported()

    assert reverse("a") == "/plain/a/"

    assert imported() >= {"plain_urls"}
    assert urls.modules == set()
    with translation.override("de"):
        assert reverse("a") == "/plain/a/"
    with pytest.raises(NoReverseMatch):
        reverse("unknown")


def test_a_namespace_that_only_the_module_declares_is_found(urls):
    assert reverse("home") == "/"
    assert reverse("deep:b") == "/plain/deep/b/"
    assert resolve("/plain/deep/b/").view_name == "deep:b"
    with pytest.raises(NoReverseMatch, match="'nope' is not a registered namespace"):
        reverse("nope:b")


def test_an_unread_include_is_read_if_nobody_can_wait_for_it(urls):
    # The table of another root than the site's is made at once.
    urls.write(
        {
            "other_urls.py": """
                from cbv_lazy_urls import include, lazy_urls, path
                urlpatterns = [path("p/", include(lazy_urls("plain_urls")))]
            """
        }
    )

    assert reverse("a", urlconf="other_urls") == "/p/a/"


def test_a_broken_include_is_tried_again(site):
    site.write(
        {
            "site_urls.py": """
                from cbv_lazy_urls import include, lazy_urls, path
                urlpatterns = [path("p/", include(lazy_urls("late_urls")))]
            """
        }
    )
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="late_urls"):
            reverse("a")
        with pytest.raises(ModuleNotFoundError, match="late_urls"):
            resolve("/p/a/")

    late = """
        from cbv_lazy_urls import path
        urlpatterns = [path("a/", "shop.views.Cart", name="a")]
    """
    (site.folder / "late_urls.py").write_text(__import__("textwrap").dedent(late))
    __import__("importlib").invalidate_caches()

    assert reverse("a") == "/p/a/"
