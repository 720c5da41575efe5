"""The README is followed as it is printed; the seed's own example still works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

from cbv_lazy_urls.codemod.__main__ import main

README = Path(__file__).parents[1] / "README.md"
REFERENCE = README.parent / "docs" / "reference.md"
TEXT = README.read_text(encoding="utf-8")

MANAGE = """
    import os, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
    INSTALLED_APPS = ["cbv_lazy_urls"]
    ROOT_URLCONF = "site_urls"
    SECRET_KEY = "tests"
    USE_TZ = True
"""


def blocks(document, language):
    text = document.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def files_of(document):
    """Return the blocks that begin with the name of a file."""
    named = (re.match(r"# (\S+\.py)\n", block) for block in blocks(document, "python"))
    return {match[1]: match.string for match in named if match}


@pytest.fixture
def documented(site):
    site.write(
        {
            "manage.py": MANAGE,
            "site_settings.py": SETTINGS,
            "shop/__init__.py": "",
            "shop/urls.py": "app_name = 'shop'\nurlpatterns = []\n",
        }
    )
    site.write(files_of(README))
    return site


def test_the_example_runs_as_printed(documented):
    sybil = Sybil([CodeBlockParser("python", DocTestBlocks())])
    document = sybil.parse(README)
    examples = list(document.examples())
    assert any(">>> reverse" in str(example.parsed) for example in examples)
    for example in examples:
        example.evaluate()
    assert Client().get("/nowhere/").content == b"Nothing is here."


class DocTestBlocks:
    """Evaluates the blocks with prompts; the others are files."""

    def __call__(self, example):
        if ">>>" not in example.parsed:
            return
        import doctest

        parser, runner = (
            doctest.DocTestParser(),
            doctest.DocTestRunner(optionflags=doctest.ELLIPSIS),
        )
        test = parser.get_doctest(example.parsed, {}, "README", str(README), 0)
        assert runner.run(test).failed == 0


def test_the_check_prints_what_is_printed(documented):
    [printed] = [
        block for block in blocks(README, "console") if "manage.py check" in block
    ]
    source = files_of(README)["site_urls.py"].replace("views.Cart", "views.Crat")
    documented.write({"site_urls.py": source})

    done = run("manage.py", "check", folder=documented.folder)

    assert done.returncode == 1
    assert done.stderr == printed.partition("\n")[2]


def run(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_commands_import_no_view(documented):
    script = (
        "import sys; from django.core.management import call_command;"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'site_settings';"
        "import django; django.setup(); call_command('check');"
        "call_command('diffsettings'); print('shop.views' in sys.modules)"
    )

    done = run("-c", script, folder=documented.folder)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("False\n")


def test_the_codemod_prints_what_is_printed(documented, capsys):
    [printed] = [block for block in blocks(README, "console") if "codemod" in block]
    documented.write(
        {
            "shop/urls.py": """
                from django.urls import path
                from shop import views
                urlpatterns = [
                    path("cart/", views.Cart.as_view()),
                    path("report/<int:year>/", views.report),
                ]
            """
        }
    )

    main(["lazy", "shop/urls.py"])

    assert capsys.readouterr().out == printed.partition("\n")[2]


MIGRATED = textwrap.dedent(
    """
    from django.http import HttpResponse
    from django.views import View

    class HomeView(View):
        title = "home"

        def get(self, request, **kwargs):
            return HttpResponse(f"{self.title} {kwargs}")

    def home(request):
        return HttpResponse("home")

    class Items:
        @classmethod
        def as_view(cls, actions):
            return lambda request: HttpResponse(str(actions))
"""
)


def test_every_row_of_the_migration_table_works(site):
    rows = re.findall(
        r"^\| .* \| `(.*?)`.* \|$", TEXT.partition("## Convert")[2], re.MULTILINE
    )
    rows = rows[
        : rows.index('path("api/", include(lazy_urls("shop.api", app_name="api")))') + 1
    ]
    assert len(rows) == 6
    site.write(
        {
            "frontend/views.py": MIGRATED,
            "shop/api.py": MIGRATED + "\nurlpatterns = []\napp_name = 'api'\n",
        }
    )
    for row in rows:
        patterns = row if row.startswith("lazy_patterns") else f"[{row}]"
        if row.startswith("re_path"):
            patterns = f"lazy_patterns('frontend.views', {row})"
        site.forget()
        site.write(
            {
                "site_urls.py": "from django.contrib.auth.decorators import login_required\n"
                "from cbv_lazy_urls import *\n"
                f"urlpatterns = {patterns}\n"
            }
        )
        call_command("lazy_urls")
        call_command("lazy_urls", "--deep")


# The seed's own urls.py; its first line is what has become of the two functions.
SEED = """
from cbv_lazy_urls import lazy_patterns as patterns, re_path as url

urlpatterns = patterns('frontend.views',

    url(r'^$', 'HomeView', name='home'),
)
"""


def test_the_example_of_the_seed_works_again(site):
    site.write({"frontend/views.py": MIGRATED, "site_urls.py": SEED})

    assert reverse("home") == "/"
    assert "frontend.views" not in sys.modules
    assert Client().get("/").content == b"home {}"


def test_the_spelling_of_the_seed_passes_initkwargs(site):
    source = SEED.replace("'HomeView',", "'HomeView', {'title': 'welcome'},")
    site.write({"frontend/views.py": MIGRATED, "site_urls.py": source})

    assert Client().get("/").content == b"welcome {}"
    assert resolve("/").func.view_initkwargs == {"title": "welcome"}


def test_the_example_of_the_reference_works(site):
    views = MIGRATED + "\nOrders = Home = HomeView\narchive = help_page = home\n"
    site.write(
        {
            **files_of(REFERENCE),
            "shop/views.py": views,
            "shop/api.py": MIGRATED,
            "shop/errors.py": "def not_found(request, exception): ...\n",
            "shop/api_urls.py": "app_name = 'api'\nurlpatterns = []\n",
        }
    )

    call_command("lazy_urls")
    call_command("lazy_urls", "--deep")
    assert reverse("home") == "/en/"


def test_every_check_is_in_the_reference():
    package = README.parent / "src" / "cbv_lazy_urls"
    verdicts = "".join(path.read_text() for path in (package / "analysis").glob("*.py"))
    numbers = {int(number) for number in re.findall(r"Problem\((\d+),", verdicts)}

    documented = re.findall(r"`cbv_lazy_urls\.E(\d+)`", REFERENCE.read_text())

    assert sorted(map(int, documented)) == sorted(numbers)


def test_the_public_names_are_documented():
    import cbv_lazy_urls

    text = TEXT + REFERENCE.read_text()
    for name in cbv_lazy_urls.__all__:
        assert f"`{name}" in text
