"""What goes wrong while a view is loaded is said clearly, and tried again."""

from __future__ import annotations

import importlib
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured, ViewDoesNotExist
from django.urls import resolve, reverse

from cbv_lazy_urls import lazy
from cbv_lazy_urls.exceptions import LazyURLError, NotAView, ViewNotFound

CASES = {
    "shop.viewz.Cart": "'shop' has no 'viewz'; the nearest name is 'views'",
    "shop.views.Crat": "'shop.views' has no 'Crat'; the nearest name is 'Cart'",
    "shop.views.Cart.git": "'shop.views.Cart' has no 'git'; the nearest name is 'get'",
    "shopp.views.Cart": "there is no module 'shopp'",
    "Cart": "is not a dotted name such as 'shop.views.Cart'; give the module",
    "shop/views.Cart": "is not a dotted name",
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_name_says_which_part_is_missing(shop, name):
    shop.write(
        {
            "site_urls.py": f"""
                from cbv_lazy_urls import path

                urlpatterns = [path("x/", {name!r}, name="x")]
            """
        }
    )

    assert reverse("x") == "/x/"
    with pytest.raises(ViewNotFound) as caught:
        resolve("/x/")

    assert str(caught.value).startswith(f"site_urls.py:4: {name!r}")
    assert CASES[name] in str(caught.value)
    assert isinstance(caught.value, ViewDoesNotExist)


def test_the_place_is_the_line_of_the_path(shop):
    shop.write(
        {
            "site_urls.py": """
                from cbv_lazy_urls import lazy_patterns, path, re_path
                urlpatterns = lazy_patterns(
                    "shop.views",
                    path("a/", "Cart"),
                    path(
                        "b/",
                        "Crat",
                        {},
                    ),
                    re_path("^c/$", "Crat"),
                )
            """
        }
    )

    for path, line in (("/b/", 6), ("/c/", 11)):
        with pytest.raises(
            ViewNotFound, match=rf"^site_urls.py:{line}: 'shop.views.Crat'"
        ):
            resolve(path)


def test_an_import_error_inside_a_module_names_what_is_missing_there(site):
    site.write(
        {
            "needy.py": "import not_installed\nview = len\n",
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("", "needy.view")]
            """,
        }
    )

    with pytest.raises(
        ModuleNotFoundError, match="No module named 'not_installed'"
    ) as caught:
        resolve("/")

    assert caught.value.name == "not_installed"
    if sys.version_info >= (3, 11):
        note = "while loading 'needy.view', named at site_urls.py:3"
        assert caught.value.__notes__ == [note]


def test_a_failure_is_not_kept(site):
    site.write(
        {
            "flaky.py": "raise RuntimeError('not yet')\n",
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("", "flaky.view"), path("b/", "coming.view")]
            """,
        }
    )
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not yet"):
            resolve("/")
        with pytest.raises(ViewNotFound):
            resolve("/b/")

    working = "def view(request): return None  # now longer than before\n"
    (site.folder / "flaky.py").write_text(working)
    (site.folder / "coming.py").write_text(working)
    importlib.invalidate_caches()

    assert resolve("/").func.__module__ == "flaky"
    assert resolve("/b/").func.__module__ == "coming"


@pytest.mark.parametrize(
    ("view", "error", "message"),
    [
        (lazy("shop.views.HttpResponse"), NotAView, "is a class without as_view"),
        (lazy("sys.path"), NotAView, "'sys.path' is list, not a view"),
        (lazy("os.path"), NotAView, "'os.path' is module, not a view"),
        (lazy("shop.functions.report", {"a": 1}), NotAView, "takes no initkwargs"),
        (lazy("shop.views.Cart", {"titlo": 1}), TypeError, "invalid keyword 'titlo'"),
    ],
)
def test_what_cannot_be_a_view_is_refused(shop, view, error, message):
    with pytest.raises(error, match=message):
        view.lazy_load()


def test_errors_share_a_base_and_django_s(shop):
    assert issubclass(ViewNotFound, LazyURLError)
    assert issubclass(NotAView, ImproperlyConfigured)


def test_an_attribute_error_while_importing_is_not_taken_for_a_missing_attribute(site):
    site.write({"odd.py": "import sys\nsys.no_such_thing\n"})

    with pytest.raises(RuntimeError, match=r"cannot be loaded: .*no_such_thing"):
        hasattr(lazy("odd.view"), "view_class")


def test_a_circular_import_is_named(site):
    site.write(
        {
            "circle.py": """
                from cbv_lazy_urls import lazy
                error = None
                try:
                    lazy("circle.view").lazy_load()
                except Exception as found:
                    error = found
            """
        }
    )

    error = importlib.import_module("circle").error

    assert "'circle' has no 'view'" in str(error)
    assert "the import is circular" in str(error)
