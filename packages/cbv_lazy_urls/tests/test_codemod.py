"""The codemod makes a urls.py lazy, and back, and says what it leaves."""

from __future__ import annotations

import sys
from io import StringIO
from textwrap import dedent

import pytest
from django.core.management import call_command
from django.urls import clear_url_caches

from cbv_lazy_urls.codemod.__main__ import main

from .test_listings import EAGER, LISTED, VIEWS

EAGER_URLS = dedent(
    '''
    """Addresses of the shop."""

    from __future__ import annotations

    from django.contrib.auth.decorators import login_required
    from django.urls import include, path, re_path
    from django.views.decorators.cache import cache_page
    from django.views.generic import RedirectView

    from shop import functions, views

    app_name = "shop"
    urlpatterns = [
        path("cart/", views.Cart.as_view(title="Basket"), name="cart"),
        path("page/", views.Page.as_view(), {"a": 1}, "page"),  # the second
        path(
            "report/<int:year>/",
            functions.report,
            name="report",
        ),
        path("old/", RedirectView.as_view(url="/shop/")),
        re_path(r"^re/$", login_required(cache_page(60)(views.Cart.as_view()))),
        path("inner/", include("shop.inner")),
    ]
    '''
).lstrip()
LAZY_URLS = dedent(
    '''
    """Addresses of the shop."""

    from __future__ import annotations

    from django.contrib.auth.decorators import login_required
    from cbv_lazy_urls import lazy, path, re_path
    from django.urls import include
    from django.views.decorators.cache import cache_page
    from django.views.generic import RedirectView

    app_name = "shop"
    urlpatterns = [
        path("cart/", "shop.views.Cart", {"title": "Basket"}, name="cart"),
        path("page/", "shop.views.Page", kwargs={"a": 1}, name="page"),  # the second
        path(
            "report/<int:year>/",
            "shop.functions.report",
            name="report",
        ),
        path("old/", RedirectView.as_view(url="/shop/")),
        re_path(r"^re/$", lazy("shop.views.Cart", decorators=[login_required, cache_page(60)])),
        path("inner/", include("shop.inner")),
    ]
    '''
).lstrip()


@pytest.fixture
def convert(shop, capsys):
    """Convert a source; return the new one and what was printed."""

    def run(source, direction, name="shop/urls.py", options=()):
        path = shop.folder / name
        path.write_text(dedent(source), encoding="utf-8")
        code = main([direction, *options, name])
        printed = capsys.readouterr()
        return path.read_text(encoding="utf-8"), printed.out + printed.err, code

    return run


def test_an_eager_file_becomes_lazy(convert):
    lazy, printed, code = convert(EAGER_URLS, "lazy")

    assert lazy == LAZY_URLS
    assert printed == "shop/urls.py: 4 made lazy.\n"
    assert code == 0


def test_a_lazy_file_becomes_eager(convert):
    eager, printed, code = convert(LAZY_URLS, "eager")

    expected = EAGER_URLS.replace('{"a": 1}, "page")', 'kwargs={"a": 1}, name="page")')
    expected = expected.replace(
        "import RedirectView\n\nfrom shop import functions, views\n",
        "import RedirectView\n\nfrom shop import functions\nfrom shop import views\n",
    ).replace("import include, path, re_path", "import include, path, re_path")
    assert eager == expected
    assert printed == "shop/urls.py: 4 made eager.\n"
    assert code == 0


def test_what_has_been_converted_is_left_alone(convert):
    assert convert(LAZY_URLS, "lazy")[0] == LAZY_URLS
    assert convert(EAGER_URLS, "eager")[0] == EAGER_URLS


def test_a_whole_urlconf_keeps_its_meaning_both_ways(convert, shop, settings):
    shop.write(VIEWS)

    def listing():
        shop.forget()
        clear_url_caches()
        out = StringIO()
        call_command("show_urls", format_style="dense", stdout=out, no_color=True)
        return out.getvalue()

    source = LISTED.format(**EAGER)
    name = "site_urls.py"
    shop.write({name: source})
    eager = listing()
    lazy_source, printed, _ = convert(source, "lazy", name)
    assert listing() == eager
    assert "9 made lazy" in printed
    assert "from shop import" not in lazy_source
    eager_source, printed, _ = convert(lazy_source, "eager", name)
    assert listing() == eager
    assert "cbv_lazy_urls" not in eager_source


LAZY_CASES = {
    "from shop.views import Cart\nurlpatterns = [path('', Cart.as_view())]": (
        "urlpatterns = [path('', \"shop.views.Cart\")]"
    ),
    "from .views import Cart as C\nurlpatterns = [path('', C.as_view())]": (
        "urlpatterns = [path('', \"shop.views.Cart\")]"
    ),
    "from . import views\nurlpatterns = [path('', view=views.Cart.as_view(title=1))]": (
        'urlpatterns = [path(\'\', view="shop.views.Cart", initkwargs={"title": 1})]'
    ),
    "import shop.views\nurlpatterns = [path('', shop.views.Cart.as_view(**D))]": (
        "urlpatterns = [path('', \"shop.views.Cart\", {**D})]"
    ),
    "import shop.views as v\nurlpatterns = [path('', v.Cart.as_view({'get': 'x'}, a=1))]": (
        "urlpatterns = [path('', lazy(\"shop.views.Cart\", {\"a\": 1}, actions={'get': 'x'}))]"
    ),
    "from shop import views\nurlpatterns = [path('', views.Cart.as_view())]\nx = views": (
        "from shop import views\nurlpatterns = [path('', \"shop.views.Cart\")]\nx = views"
    ),
}


@pytest.mark.parametrize("source", LAZY_CASES)
def test_every_way_of_importing_a_view_is_understood(convert, source):
    lazy, _, _ = convert(f"from django.urls import path\n{source}\n", "lazy")

    imports, _, rest = lazy.partition("\n")
    assert imports.startswith("from cbv_lazy_urls import")
    assert rest == LAZY_CASES[source] + "\n"


UNCHANGED = [
    "from shop import views\nclass views: ...\nurlpatterns = [path('', views.Cart.as_view())]",
    "from . . .far import views\nurlpatterns = [path('', views.Cart.as_view())]",
    "from shop.views import *\nurlpatterns = [path('', Cart.as_view())]",
    "from shop import views\nurlpatterns = [path('', views.Cart.as_view, *args)]",
    "from shop import views\nurlpatterns = [path('', views.Cart.get)]",
    "from shop import views\nurlpatterns = [path('')]",
    "from django.contrib import admin\nurlpatterns = [path('', admin.site.urls)]",
    "from shop.views import Cart\nfeed = Cart.as_view()\nurlpatterns = [path('', feed)]",
    "def local(request): ...\nurlpatterns = [path('', local)]",
    "from shop import views\nurlpatterns = [path('', views.Nothing)]",
    "from shop import views\nviews = other()\nurlpatterns = [path('', views.Cart.as_view())]",
    "from shop import views\nurlpatterns = [path('', views.Cart)]",
    "from shop import views\nurlpatterns = [path('', make(views.Cart.as_view(), 1))]",
    "from shop import views\nurlpatterns = [path(*args)]",
]


@pytest.mark.parametrize("source", UNCHANGED)
def test_what_is_not_an_imported_view_stays(convert, source):
    eager = f"from django.urls import path\n{source}\n"

    assert convert(eager, "lazy")[:2] == (eager, "shop/urls.py: 0 made lazy.\n")


def test_what_it_cannot_convert_is_named_with_its_line(convert):
    source = """
        from django.urls import path
        from nowhere import views
        from shop.views import Cart
        urlpatterns = [
            path("a/", views.a),
            path("b/", views.B.as_view()),
            path("c/", Cart.as_view({}, {})),
        ]
    """

    text, printed, code = convert(source, "lazy")

    assert text == dedent(source)
    assert (
        "shop/urls.py:6: left as it is: the module of nowhere.views.a cannot" in printed
    )
    assert "shop/urls.py:7: left as it is: nowhere.views.B cannot be found." in printed
    assert (
        "shop/urls.py:8: left as it is: the arguments of shop.views.Cart.as_view"
        in printed
    )
    assert code == 0


EAGER_CASES = {
    'lazy_patterns("shop.views", path("", "Cart"), *more)': (
        "from django.urls import path\n\nfrom shop import views\n"
        'urlpatterns = [path("", views.Cart.as_view()), *more]\n'
    ),
    '[path("", include(lazy_urls("shop.urls", app_name="shop"), namespace="s"))]': (
        "from django.urls import include, path\n"
        'urlpatterns = [path("", include(("shop.urls", "shop"), namespace="s"))]\n'
    ),
    '[path("", include(lazy_urls("shop.urls")))]': (
        "from django.urls import include, path\n"
        'urlpatterns = [path("", include("shop.urls"))]\n'
    ),
    '[path("", "unknown.mod.Thing", {"a-b": 1}), path("", "other.mod.thing")]': (
        "from django.urls import path\n\nfrom other import mod as other_mod\n"
        "from unknown import mod\n"
        'urlpatterns = [path("", mod.Thing.as_view(**{"a-b": 1})), path("", other_mod.thing)]\n'
    ),
    '[path("", "shop.views.Cart", None, "n"), path("", "shop.views.Page", {**D})]': (
        "from django.urls import path\n\nfrom shop import views\n"
        'urlpatterns = [path("", views.Cart.as_view(), name="n"),'
        ' path("", views.Page.as_view(**D))]\n'
    ),
    '[path("", "shop.views.Cart", D), path("", view), path("", inner.views.Cart)]': (
        "from django.urls import path\n\nfrom shop import views\n"
        'urlpatterns = [path("", views.Cart.as_view(**D)), path("", view),'
        ' path("", inner.views.Cart)]\n'
    ),
    '[path("", "top.view", name="n")]': (
        'from django.urls import path\n\nimport top\nurlpatterns = [path("", top.view, name="n")]\n'
    ),
}


@pytest.mark.parametrize("source", EAGER_CASES)
def test_every_lazy_form_has_an_eager_one(convert, source):
    used = [
        name for name in ("include", "lazy_patterns", "lazy_urls") if name in source
    ]
    imports = ", ".join([*used, "path"])
    lazy = f"from cbv_lazy_urls import {imports}\nurlpatterns = {source}\n"

    eager, _, _ = convert(lazy, "eager")

    assert eager == EAGER_CASES[source]


LEFT = [
    'path("", f"shop.{x}")',
    "path(*args)",
    'path("", "Cart")',
    "lazy(*args)",
    'lazy("shop.views.Cart", decorators=DECORATORS)',
    "lazy_urls(*args)",
    'lazy_patterns(PREFIX, path("", "Cart"))',
    'lazy_patterns("a", *lazy_patterns(PREFIX, path("", "Cart")))',
]


@pytest.mark.parametrize("expression", LEFT)
def test_what_is_not_written_out_stays_lazy(convert, expression):
    lazy = (
        "from cbv_lazy_urls import lazy, lazy_patterns, lazy_urls, path\n"
        f"urlpatterns = [path('', 'shop.functions.report'), {expression}]\n"
    )

    text, printed, code = convert(lazy, "eager")

    assert "from cbv_lazy_urls import" in text
    assert "functions.report)" in text
    assert "shop/urls.py:2: left as it is: the arguments of" in printed
    assert code == 0


def test_an_import_that_is_there_is_used(convert):
    lazy = """\
        from shop import functions
        from cbv_lazy_urls import path
        urlpatterns = [path("", "shop.functions.report"), path("b/", functions.report)]
        """

    assert convert(lazy, "eager")[0] == dedent(
        """\
        from shop import functions
        from django.urls import path
        urlpatterns = [path("", functions.report), path("b/", functions.report)]
        """
    )


def test_aliases_of_path_are_kept(convert):
    eager = """\
        from django.urls import path as url, include
        from cbv_lazy_urls import lazy_urls
        from shop import views
        urlpatterns = [url("", views.Cart.as_view())]
        """

    assert convert(eager, "lazy")[0] == dedent(
        """\
        from django.urls import include
        from cbv_lazy_urls import lazy_urls, path as url
        urlpatterns = [url("", "shop.views.Cart")]
        """
    )


def test_a_lazy_handler_becomes_eager(convert):
    lazy = """\
        from cbv_lazy_urls import lazy
        handler404 = lazy("shop.functions.report")
        """

    assert convert(lazy, "eager")[0] == dedent(
        """
        from shop import functions
        handler404 = functions.report
        """
    )


def test_computed_names_stay_lazy(convert):
    lazy = 'from cbv_lazy_urls import path\nurlpatterns = [path("", "shop." + NAME), path("b", "shop.views.Cart")]\n'

    text, printed, _ = convert(lazy, "eager")

    assert 'path("", "shop." + NAME), path("b", views.Cart.as_view())' in text
    assert "from cbv_lazy_urls import path" in text
    assert "shop/urls.py:2: left as it is: the arguments of path() are not" in printed


def test_a_diff_writes_nothing(convert):
    text, printed, _ = convert(EAGER_URLS, "lazy", options=["--diff"])

    assert text == EAGER_URLS
    assert (
        '+    path("cart/", "shop.views.Cart", {"title": "Basket"}, name="cart"),'
        in printed
    )


def test_bad_input_is_one_line_and_nothing_is_written(convert, shop, capsys):
    (shop.folder / "good.py").write_text(EAGER_URLS)
    (shop.folder / "bad.py").write_text("urlpatterns = [\n")
    (shop.folder / "null.py").write_bytes(b"x = 1\0")
    (shop.folder / "bytes.py").write_bytes(b"\xff\xfe")

    for name, message in [
        ("bad.py", "bad.py:1: syntax error: "),
        ("null.py", "null.py: "),
        ("bytes.py", "bytes.py: cannot be read: 'utf-8' codec"),
        ("missing.py", "missing.py: cannot be read: [Errno 2] No such file"),
    ]:
        assert main(["lazy", "good.py", name]) == 1
        assert capsys.readouterr().err.startswith(message)
        assert (shop.folder / "good.py").read_text() == EAGER_URLS


def test_it_runs_as_a_module(shop):
    import subprocess

    (shop.folder / "shop/urls.py").write_text(EAGER_URLS)
    done = subprocess.run(
        [sys.executable, "-m", "cbv_lazy_urls.codemod", "lazy", "shop/urls.py"],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (0, "shop/urls.py: 4 made lazy.\n"), (
        done.stderr
    )
    assert (shop.folder / "shop/urls.py").read_text() == LAZY_URLS
