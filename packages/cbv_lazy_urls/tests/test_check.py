"""`manage.py check` finds mistakes without importing a view module."""

from __future__ import annotations

import sys
import textwrap
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.management.commands import runserver

VIEWS = {
    "shop/__init__.py": "",
    "shop/base.py": """
        from django.views.generic import TemplateView, View

        class Titled(TemplateView):
            title = "T"

        class Plain:
            pass

        class Nearly(View):
            http_method_names = ["get", "head"]

            def get(self, request): ...
    """,
    "shop/views.py": """
        import not_installed_here
        from django.utils.decorators import method_decorator
        from django.views import generic
        from django.views.decorators.cache import never_cache
        from . import base
        from .base import Nearly, Titled

        LIMIT = 3
        NAMES: list[str] = []

        class Cart(Titled):
            currency: str = "EUR"

            def get(self, request): ...
            def post(self, request): ...

        @method_decorator(never_cache, name="dispatch")
        class Edit(generic.UpdateView):
            fields = []

        class Mixed(base.Titled):
            async def post(self, request): ...

        class Quiet(Nearly):
            async def post(self, request): ...

        class NotView(base.Plain):
            pass

        class Late(generic.View):
            def get(self, request): ...

        Late.extra = None

        def report(request): ...

        async def ping(request): ...
    """,
    "shop/api.py": """
        from rest_framework.viewsets import ModelViewSet

        class Items(ModelViewSet):
            def archive(self, request): ...
    """,
    "shop/sub/__init__.py": "",
    "shop/odd.py": """
        from typing import Generic, TypeVar
        from django.views import View

        T = TypeVar("T")

        class Odd(View):
            import os.path
            from os import path, sep
            a = b = 1
            if a:
                c = 2
            else:
                with open("x") as d: ...
            later: int

            def get(self, request): ...

        class Title:
            title = ""

        class Both(Title, View, object):
            def get(self, request): ...

        class Typed(Generic[T], Both):
            pass
    """,
    "spaced/inner/views.py": """
        from django.views import View

        class Cart(View):
            title = ""
    """,
    "shop/broken.py": "def view(request:\n",
}


@pytest.fixture
def write(site):
    site.write(VIEWS)
    (site.folder / "garbled.py").write_bytes(b"\xff\xfe\x00")

    def write(*paths, imports="", files=()):
        source = "from cbv_lazy_urls import include, lazy, lazy_urls, path\n" + imports
        source += (
            "\nurlpatterns = [\n" + "".join(f"    {each},\n" for each in paths) + "]\n"
        )
        site.write({"site_urls.py": source, **dict(files)})
        return site

    return write


def messages():
    """Return what `check` prints, a line for each message."""
    out = StringIO()
    try:
        call_command("check", stderr=out, stdout=out, no_color=True)
    except SystemCheckError as error:
        out.write(str(error))
    return [line for line in out.getvalue().split("\n") if "(cbv_lazy_urls." in line]


MISTAKES = {
    'path("", "shop.viewz.Cart")': (
        "E001) 'shop.viewz.Cart': there is no module 'shop.viewz';"
        " the nearest name is 'views'."
    ),
    'path("", "shpo.views.Cart")': (
        "E001) 'shpo.views.Cart': there is no module 'shpo'; the nearest name is 'shop'."
    ),
    'path("", "Cart")': "E001) 'Cart' is not a dotted name.",
    'path("", "shop.broken.view")': (
        "E001) 'shop.broken.view': shop/broken.py:1 has a syntax error: "
    ),
    'path("", "shop.views.Crat")': (
        "E002) 'shop.views.Crat': 'shop.views' has no 'Crat'; the nearest name is 'Cart'."
    ),
    'path("", "shop.views.LIMIT")': "E003) 'shop.views.LIMIT' is of type int, not a view.",
    'path("", "shop.views.NAMES")': "E003) 'shop.views.NAMES' is of type list, not a view.",
    'path("", "shop.sub")': "E003) 'shop.sub' is a module, not a view.",
    'path("", "garbled.Cart")': "E001) 'garbled.Cart': garbled.py has a syntax error: ",
    'path("", "shop.views.base")': "E003) 'shop.views.base' is a module, not a view.",
    'path("", "sys.path")': "E003) 'sys.path' is of type list, not a view.",
    'path("", include(lazy_urls("shop.broken")))': (
        "E001) 'shop.broken': shop/broken.py:1 has a syntax error: "
    ),
    'path("", include(lazy_urls("shop.views")))': "E003) 'shop.views' has no urlpatterns.",
    'path("", "shop.views.NotView")': (
        "E003) 'shop.views.NotView' is a class without as_view()."
    ),
    'path("", "shop.views.Cart", {"titlo": "x"})': (
        "E004) 'shop.views.Cart' has no attribute 'titlo'; the nearest name is 'title'."
    ),
    'path("", "shop.views.Cart", {"get": 1})': (
        "E004) 'shop.views.Cart': as_view() takes no 'get', the name of a method."
    ),
    'path("", "shop.views.Edit", {"model_": 1})': (
        "E004) 'shop.views.Edit' has no attribute 'model_'; the nearest name is 'model'."
    ),
    'path("", "shop.views.report", {"a": 1})': (
        "E004) 'shop.views.report' is not a class, so it takes no initkwargs."
    ),
    'path("", "shop.views.Mixed")': (
        "E005) 'shop.views.Mixed' mixes synchronous (get) and asynchronous (post) handlers."
    ),
    'path("", "shop.api.Items")': "E006) 'shop.api.Items' is a view set and has no actions.",
    'path("", lazy("shop.api.Items", actions={"get": "lizt"}))': (
        "E006) 'shop.api.Items' has no action 'lizt'; the nearest name is 'list'."
    ),
    'path("", lazy("shop.views.Cart", actions={"get": "list"}))': (
        "E006) 'shop.views.Cart' is not a view set, so it takes no actions."
    ),
    'path("", include(lazy_urls("shop.urls")))': (
        "E001) 'shop.urls': there is no module 'shop.urls'."
    ),
}


@pytest.mark.parametrize("path", MISTAKES)
def test_a_mistake_is_found_without_importing_anything(write, path):
    site = write(path)
    before = set(sys.modules)

    found = messages()

    assert len(found) == 1
    assert found[0].startswith(f"site_urls.py:4: (cbv_lazy_urls.{MISTAKES[path]}")
    assert site.modules == set()
    assert not {name for name in set(sys.modules) - before if name[:4] == "shop"}


RIGHT = [
    'path("", "shop.odd.Odd", {"a": 1, "b": 1, "c": 1, "path": 1, "sep": 1, "d": 1})',
    'path("", "shop.odd.Both", {"title": 1})',
    'path("", "shop.odd.Typed", {"title": 1})',
    'path("", "spaced.inner.views.Cart", {"title": 1})',
    'path("", lazy("shop.views.Cart", dict(title=1)))',
    'path("", "shop.views.Cart", {"title": "x", "currency": "USD"})',
    'path("", "shop.views.Edit", {"model": None, "template_name": "x"})',
    'path("", "shop.views.Late", {"extra": 1})',
    'path("", "shop.views.Quiet")',  # post is not among its methods
    'path("", "shop.views.report")',
    'path("", "shop.views.ping", kwargs={"any": "thing"})',
    'path("", lazy("shop.api.Items", {"detail": True}, actions={"get": "archive"}))',
    'path("", "django.views.generic.RedirectView", {"url": "/"})',
]


@pytest.mark.parametrize("path", RIGHT)
def test_what_is_right_is_left_alone(write, path):
    write(path)

    assert messages() == []


# Each cannot be known from the source, so none of them is an error.
UNKNOWN = {
    "re-export": "from not_installed_here import Cart",
    "star": "from not_installed_here import *",
    "module getattr": "def __getattr__(name): ...",
    "globals": "globals()['Cart'] = len",
    "setattr": "import sys\nsetattr(sys.modules[__name__], 'Cart', len)",
    "global in a function": "def make():\n    global Cart\n    Cart = len",
    "branches": "try:\n    Cart = 3\nexcept ValueError:\n    Cart = len",
    "loop": "for Cart in [len]: ...",
    "call": "Cart = make_view()",
    "unknown base": "from nowhere import Base\nclass Cart(Base): ...",
    "metaclass": "class Cart(metaclass=Meta): ...",
    "decorated class": "@register\nclass Cart: ...",
    "decorated function": "@register\ndef Cart(request): ...",
    "computed base": "class Cart(make_base()): ...",
    "base that is itself": "class Cart(Cart): ...",
    "walrus": "print(Cart := len)",
    "with": "with open('x') as Cart: ...",
    "except": "try: ...\nexcept OSError as Cart: ...",
    "tuple": "Cart, Other = make()",
    "exec": "exec('class Cart: ...')",
    "inconsistent bases": "class A: ...\nclass B(A): ...\nclass Cart(A, B): ...",
    "base in an unknown module": "import nowhere\nclass Cart(nowhere.views.Base): ...",
    "base in a class": "class A:\n    class B: ...\nclass Cart(A.B): ...",
    "computed methods": (
        "from django.views import View\nclass Cart(View):\n    title = 1\n"
        "    http_method_names = View.http_method_names + ['x']\n"
        "    def get(self, request): ...\n    async def post(self, request): ..."
    ),
    "own view_is_async": (
        "from django.views import View\nclass Cart(View):\n    title = 1\n"
        "    view_is_async = False\n"
        "    def get(self, request): ...\n    async def post(self, request): ..."
    ),
    "re-export of a broken module": "from shop.broken import Cart",
    "base in a broken module": "from shop.broken import A\nclass Cart(A): ...",
    "metaclass with getattr": (
        "class Meta(type):\n    def __getattr__(cls, name): ...\n"
        "class Cart(metaclass=Meta): ..."
    ),
    "annotation only": "from other import *\nCart: type",
    "own as_view": "class Cart:\n    @classmethod\n    def as_view(cls, **kwargs): ...",
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_what_cannot_be_known_is_no_error(write, why):
    write(
        'path("", "odd.Cart", {"title": 1})',
        files={"odd.py": "import not_installed_here\n" + UNKNOWN[why] + "\n"},
    )

    assert messages() == []


def test_a_class_with_a_class_inside_and_an_unreadable_module_are_no_errors(write):
    write(
        'path("a/", "nested.Outer.Inner")',
        'path("b/", "sys.intern")',
        'path("c/", "_struct.pack")',
        'path("d/", "opened.anything.Cart")',
        'path("e/", "shop.views.Late.extra")',
        'path("g/", include(lazy_urls("opened.anything")))',
        'path("h/", include(lazy_urls("_struct")))',
        files={
            "nested.py": "class Outer:\n    class Inner: ...\n",
            "opened/__init__.py": "__path__ = ['elsewhere']\n",
        },
    )

    assert messages() == []


def test_re_exports_are_followed_as_far_as_they_lead(write):
    write(
        'path("a/", "front.Cart", {"titlo": 1})',
        'path("b/", "front.Cart", {"title": 1})',
        files={"front.py": "import not_installed_here\nfrom shop.views import Cart\n"},
    )

    [found] = messages()
    assert found.startswith("site_urls.py:4: (cbv_lazy_urls.E004) 'front.Cart' has no")


def test_a_module_that_is_imported_already_is_looked_at_as_it_is(write):
    write('path("", "live.Cart", {"titlo": 1})', 'path("", "live.view")')
    live = (
        "from django.views.generic import TemplateView\nclass Cart(TemplateView): ...\n"
    )
    module = __import__("types").ModuleType("live")
    exec(live, module.__dict__)
    sys.modules["live"] = module
    try:
        found = messages()
    finally:
        del sys.modules["live"]

    assert [line.partition(") ")[2].partition(";")[0] for line in found] == [
        "'live.Cart' has no attribute 'titlo'.",
        "'live' has no 'view'".join(["'live.view': ", "."]),
    ]


def test_lazy_includes_are_checked_from_their_source(write):
    site = write(
        'path("a/", include(lazy_urls("shop.urls", app_name="shop")))',
        'path("b/", include(lazy_urls("shop.others", app_name="other")))',
        'path("c/", include(lazy_urls("shop.sub")))',
        files={
            "shop/urls.py": """
                import not_installed_here
                from cbv_lazy_urls import include, lazy, lazy_patterns, lazy_urls, path

                app_name = "shop"
                urlpatterns = lazy_patterns(
                    "shop.views",
                    path("cart/", "Crat"),
                    path("right/", "Cart", {"title": "T"}),
                    path("wrong/", "Cart", initkwargs={"titlo": "T"}),
                )
                urlpatterns += [
                    path("set/", lazy("shop.api.Items", actions={"get": "lizt"})),
                    path("inner/", include(lazy_urls("shop.innner", app_name="i"))),
                    path("computed/", "shop." + "views.Nothing"),
                ]
            """,
            "shop/inner.py": "urlpatterns = []\n",
            "shop/others.py": "app_name = 'others'\nurlpatterns = []\n",
        },
    )

    found = messages()

    assert [line.partition(":")[0] + line.partition(":")[2][:24] for line in found] == [
        "shop/urls.py8: (cbv_lazy_urls.E002) ",
        "shop/urls.py10: (cbv_lazy_urls.E004)",
        "shop/urls.py13: (cbv_lazy_urls.E006)",
        "shop/urls.py14: (cbv_lazy_urls.E001)",
        "site_urls.py5: (cbv_lazy_urls.E007) ",
        "site_urls.py6: (cbv_lazy_urls.E003) ",
    ] or found
    assert "shop.urls" not in sys.modules
    assert site.modules == set()


def test_handlers_are_checked(write):
    write(imports='handler404 = lazy("shop.views.nothing")\n')

    [found] = messages()
    assert found.startswith("site_urls.py:2: (cbv_lazy_urls.E002) 'shop.views.nothing'")


def test_lazy_objects_in_a_path_of_django_are_warned_of(write):
    write(
        'django_path("", lazy("shop.views.Cart"))',
        'django_path("", (lazy_urls("shop.urls2"), None, None))',
        imports="from django.urls import path as django_path\n",
        files={"shop/urls2.py": "urlpatterns = []\n"},
    )

    found = messages()

    assert [line.partition(") ")[0] for line in found] == [
        "site_urls.py:5: (cbv_lazy_urls.W001",
        "site_urls.py:6: (cbv_lazy_urls.W001",
    ]


def test_the_check_does_not_run_for_a_server_or_another_command(write):
    write('path("", "shop.viewz.Cart")')

    assert run_checks(tags=["urls"]) == []  # as celery does
    call_command("diffsettings", stdout=StringIO())
    command = runserver.Command(stdout=StringIO(), stderr=StringIO())
    command.check(tags=["urls"])
    assert len(messages()) == 1


def test_facts_are_read_again_only_if_a_file_has_changed(write, cache_folder):
    from cbv_lazy_urls.analysis import modules

    site = write('path("", "shop.views.Cart", {"title": "T"})')
    read = []

    class Reading(modules.Reading):
        def __init__(self, source, module, **options):
            read.append(module)
            super().__init__(source, module, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "Reading", Reading)
        assert messages() == []
        assert read == ["shop.views", "shop.base"]
        assert messages() == []
        assert len(read) == 2
        changed = textwrap.dedent(VIEWS["shop/base.py"]).replace("title =", "titles =")
        (site.folder / "shop/base.py").write_text(changed)
        [found] = messages()
        assert "has no attribute 'title'; the nearest name is 'titles'" in found
        assert read == ["shop.views", "shop.base", "shop.base"]
    [file] = cache_folder.rglob("*.json")
    file.write_text("{not json")
    assert len(messages()) == 1
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("a file in place of the folder")
    assert len(messages()) == 1


def test_the_command_reports_all_problems_and_fails(write):
    write('path("a/", "shop.viewz.Cart")', 'path("b/", "shop.base.Nearly")')
    out = StringIO()

    with pytest.raises(Exception, match="1 problems in 2 lazy URLs"):
        call_command("lazy_urls", stdout=out, no_color=True)

    assert out.getvalue().startswith("site_urls.py:4: 'shop.viewz.Cart': there is no")
    assert "shop.base" not in sys.modules


def test_deep_imports_all_and_reports_all(write):
    write(
        'path("a/", "shop.viewz.Cart")',
        'path("b/", "shop.base.Nearly")',
        'path("c/", "shop.views.Cart")',
        'path("d/", "shop.base.Titled", {"titlo": 1})',
        'path("e/", include(lazy_urls("shop.urls", app_name="shop")))',
        files={
            "shop/urls.py": """
                from cbv_lazy_urls import path
                app_name = "shop"
                urlpatterns = [path("x/", "shop.base.Plain")]
            """
        },
    )
    out = StringIO()

    with pytest.raises(Exception, match="4 problems in 6 lazy URLs"):
        call_command("lazy_urls", "--deep", stdout=out, no_color=True)

    lines = out.getvalue().splitlines()
    assert lines[0].startswith(
        "site_urls.py:4: 'shop.viewz.Cart': 'shop' has no 'viewz'"
    )
    assert "No module named 'not_installed_here'" in lines[1]
    assert "invalid keyword 'titlo'" in lines[2]
    assert "shop/urls.py:4: 'shop.base.Plain' is a class without as_view()" in lines[3]
    assert "shop.base" in sys.modules


def test_a_module_that_is_not_imported_completely_is_read_from_its_source(site):
    site.write(
        {
            "partial.py": """
                from io import StringIO
                from django.core.management import call_command
                call_command("lazy_urls", stdout=StringIO())
                def view(request): ...
            """,
            "site_urls.py": """
                from cbv_lazy_urls import path
                urlpatterns = [path("", "partial.view")]
            """,
        }
    )

    assert __import__("partial").view


def test_no_cache_folder_is_no_obstacle(write, monkeypatch):
    write('path("", "shop.views.Cart")')
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", _no_home)

    assert messages() == []


def _no_home():
    raise RuntimeError("Could not determine home directory.")


def test_a_project_without_a_urlconf_has_nothing_to_check(settings):
    settings.ROOT_URLCONF = None

    assert messages() == []


def test_the_command_takes_another_urlconf(write):
    write(files={"other.py": "urlpatterns = []\n"})
    out = StringIO()

    call_command("lazy_urls", "--urlconf", "other", stdout=out)
    assert (
        out.getvalue() == "0 lazy URLs checked without importing them: no problems.\n"
    )
    with pytest.raises(Exception, match="--urlconf nothing: No module named 'nothing'"):
        call_command("lazy_urls", "--urlconf", "nothing")
