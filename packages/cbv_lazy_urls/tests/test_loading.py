"""preload() loads everything before a server forks; stats() says what was loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from cbv_lazy_urls import Load, preload, stats
from cbv_lazy_urls.exceptions import PreloadError

URLS = {
    "site_urls.py": """
        from django.urls import path as django_path
        from cbv_lazy_urls import include, lazy, lazy_urls, path

        urlpatterns = [
            path("cart/", "shop.views.Cart", name="cart"),
            path("shop/", include(lazy_urls("shop.urls", app_name="shop"))),
            django_path("django/", lazy("shop.functions.report"), name="django"),
        ]
        handler404 = lazy("shop.functions.report")
    """,
    "shop/urls.py": """
        from cbv_lazy_urls import path
        app_name = "shop"
        urlpatterns = [path("ping/", "shop.later.ping", name="ping")]
    """,
}


@pytest.fixture
def urls(shop):
    shop.write(URLS)
    return shop


def test_preload_loads_all_views_and_includes(urls):
    assert preload() == 5

    assert urls.modules == {"shop.views", "shop.functions", "shop.later"}
    cart, included, _ = get_resolver().url_patterns
    assert type(cart) is URLPattern
    assert type(included) is URLResolver
    assert reverse("shop:ping") == "/shop/ping/"
    assert preload() == 1  # the one in Django's own path()


def test_preload_names_all_that_cannot_be_loaded(urls):
    urls.write(
        {
            "site_urls.py": """
                from django.urls import path as django_path
                from cbv_lazy_urls import include, lazy_urls, path

                urlpatterns = [
                    path("a/", "shop.views.Crat"),
                    path("b/", include(lazy_urls("shop.nothing"))),
                    path("c/", "shop.functions.report", name="c"),
                    django_path("d/", (lazy_urls("shop.nope"), None, None)),
                ]
            """
        }
    )

    with pytest.raises(PreloadError) as caught:
        preload()

    lines = str(caught.value).split("\n")
    assert lines[0] == "3 of 4 cannot be loaded:"
    assert lines[1].startswith("site_urls.py:6: 'shop.views.Crat': 'shop.views' has no")
    assert lines[2].startswith(
        "site_urls.py:7: 'shop.nothing' cannot be loaded: Module"
    )
    assert lines[3].startswith("site_urls.py:9: 'shop.nope' cannot be loaded: Module")
    assert "shop.functions" in urls.modules


def test_stats_say_what_was_loaded_and_what_it_cost(urls):
    before = len(stats())
    resolve("/cart/")
    resolve("/cart/")

    [load] = stats()[before:]

    assert isinstance(load, Load)
    assert load.view == "shop.views.Cart"
    assert load.place == "site_urls.py:6"
    assert load.seconds > 0
    assert load.modules >= 1
    stats().clear()  # a copy
    assert len(stats()) == before + 1


def test_a_lazy_view_in_a_path_of_django_works_and_shows_the_attributes(urls):
    assert reverse("django") == "/django/"  # which imports it
    assert urls.modules == {"shop.functions"}
    match = resolve("/django/")
    assert f"{match.func.__module__}.{match.func.__name__}" == "shop.functions.report"
    assert not hasattr(match.func, "csrf_exempt")
    assert match.func(None).content == b"report {}"


def test_workers_share_what_was_preloaded_before_the_fork(urls):
    script = """
        import os, sys
        from django.conf import settings
        settings.configure(ROOT_URLCONF="site_urls", ALLOWED_HOSTS=["*"])
        import django
        django.setup()
        from cbv_lazy_urls import preload, stats
        from django.test import RequestFactory
        from django.urls import resolve
        preload()
        loaded = len(stats())
        child = os.fork()
        if not child:
            response = resolve("/cart/").func(RequestFactory().get("/"))
            os._exit(0 if response.status_code == 200 and len(stats()) == loaded else 3)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        cwd=urls.folder,
        env={**os.environ, "PYTHONPATH": str(urls.folder)},
        timeout=60,
        check=False,
    )

    assert done.returncode == 0


def test_deep_check_says_how_many_were_loaded(urls, capsys):
    call_command("lazy_urls", "--deep")

    assert capsys.readouterr().out == "5 lazy URLs loaded: no problems.\n"
