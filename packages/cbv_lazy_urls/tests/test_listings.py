"""Commands and pages that list URLs show a lazy URLconf as they show an eager one."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import clear_url_caches, resolve
from django.utils.html import strip_tags

VIEWS = {
    "shop/rest.py": """
        from rest_framework.generics import GenericAPIView
        from rest_framework.response import Response
        from rest_framework.serializers import CharField, Serializer
        from rest_framework.viewsets import ViewSet

        class ItemSerializer(Serializer):
            title = CharField()

        class Items(ViewSet):
            serializer_class = ItemSerializer

            def list(self, request):
                return Response([])

            def create(self, request):
                return Response({})

        class Item(GenericAPIView):
            '''Show one item.'''
            serializer_class = ItemSerializer

            def get(self, request, pk):
                return Response({})
    """,
}
LISTED = """
    from django.conf.urls.i18n import i18n_patterns
    from django.contrib import admin
    from django.contrib.admindocs import urls as docs
    from django.views.decorators.cache import never_cache
    {imports}

    inner = [
        path("item/<int:pk>/", {item}, name="item"),
        path("report/", {report}, name="report"),
    ]
    urlpatterns = [
        path("items/", {items}, name="items"),
        path("cart/", {cart}, name="cart"),
        re_path(r"^(?P<year>[0-9]{{4}})/$", {report}, name="year"),
        path("nameless/", {report}),
        path("never/", {never}, name="never"),
        path("ping/", {ping}, name="ping"),
        path("spaced/", include((inner, "spaced"), namespace="s")),
        path("flat/", include(inner)),
        path("docs/", include(docs)),
        path("admin/", admin.site.urls),
    ]
    urlpatterns += i18n_patterns(path("intl/", {page}, name="intl"))
"""
EAGER = {
    "imports": """
    from django.urls import include, path, re_path
    from shop import functions, later, rest, views""",
    "item": "rest.Item.as_view()",
    "items": 'rest.Items.as_view({"get": "list", "post": "create"})',
    "report": "functions.report",
    "cart": 'views.Cart.as_view(title="Basket")',
    "never": "never_cache(functions.report)",
    "ping": "later.ping",
    "page": "views.Page.as_view()",
}
LAZY = {
    "imports": "from cbv_lazy_urls import include, lazy, path, re_path",
    "item": '"shop.rest.Item"',
    "items": 'lazy("shop.rest.Items", actions={"get": "list", "post": "create"})',
    "report": '"shop.functions.report"',
    "cart": '"shop.views.Cart", {"title": "Basket"}',
    "never": 'lazy("shop.functions.report", decorators=[never_cache])',
    "ping": '"shop.later.ping"',
    "page": '"shop.views.Page"',
}
PATHS = [
    "/items/",
    "/cart/",
    "/2026/",
    "/nameless/",
    "/never/",
    "/ping/",
    "/spaced/item/3/",
    "/flat/report/",
    "/en/intl/",
]


@pytest.fixture
def both(shop, settings):
    """Call a function with the eager URLconf and the lazy one; return both results."""
    shop.write(
        {
            **VIEWS,
            "eager_urls.py": LISTED.format(**EAGER),
            "site_urls.py": LISTED.format(**LAZY),
        }
    )

    def run(show):
        results = []
        for urlconf in ("eager_urls", "site_urls"):
            settings.ROOT_URLCONF = urlconf
            clear_url_caches()
            results.append(show())
            assert results
            if urlconf == "eager_urls":
                shop.forget()
        return results

    return run


def output(*command, **options):
    out = StringIO()
    call_command(*command, stdout=out, no_color=True, **options)
    return out.getvalue()


def test_show_urls_prints_the_same(both):
    eager, lazy = both(lambda: output("show_urls", format_style="dense"))

    assert lazy == eager
    assert "/spaced/item/<int:pk>/\tshop.rest.Item\ts:item" in lazy


def test_the_schema_of_drf_spectacular_is_the_same(both):
    eager, lazy = both(lambda: output("spectacular"))

    assert lazy == eager
    assert "/spaced/item/{id}/" in lazy


@pytest.mark.parametrize("is_loaded", [False, True])
def test_resolve_returns_the_same(both, is_loaded):
    def show():
        found = [resolve(path) for path in PATHS]
        if is_loaded:
            found = [resolve(path) for path in PATHS]
        return [
            (
                repr(match),
                match.view_name,
                match.route,
                [[str(each.pattern) for each in tried][:1] for tried in match.tried],
                match.func.__module__,
                match.func.__qualname__,
                sorted(vars(match.func)),
            )
            for match in found
        ]

    eager, lazy = both(show)

    assert lazy == eager


def test_the_debug_page_of_a_404_shows_the_same(both, settings):
    settings.DEBUG = True

    def show():
        page = Client().get("/nowhere/").content.decode()
        shown = strip_tags(page[page.index("Django tried") : page.index("</ol>")])
        return shown.replace("eager_urls", "site_urls").split()

    eager, lazy = both(show)

    assert lazy == eager
    assert "[name='cart']" in " ".join(lazy)


def admindocs(view_name, **kwargs):
    request = RequestFactory().get("/docs/")
    request.user = User(is_staff=True, is_superuser=True)
    match = resolve(f"/docs/views/{view_name}")
    response = match.func(request, **match.kwargs)
    page = response.render().content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_admindocs_shows_the_same(both):
    eager, lazy = both(lambda: [admindocs(""), admindocs("shop.rest.Item/")])

    assert lazy == eager
    assert "Show one item." in lazy[1]
    assert "shop.rest.Item" in lazy[0]


def test_a_list_that_a_tool_holds_stays_valid_after_loading(both):
    from django.urls import get_resolver

    def show():
        patterns = list(get_resolver().url_patterns)
        inner = [
            each for path in patterns for each in getattr(path, "url_patterns", [path])
        ]
        for path in PATHS:
            resolve(path)
        return [getattr(each, "callback", None).__name__ for each in inner[:6]]

    eager, lazy = both(show)

    assert lazy == eager
