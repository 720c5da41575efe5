from __future__ import annotations

import io
import textwrap
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image as PILImage

from tests.testapp.models import ArticlePage
from wagtailimporter import ImportFailed, import_files

HOME = """
url: /main
type: testapp.homepage
title: Main
"""

ARTICLE = """
    url: /main/news
    type: testapp.articlepage
    title: News
"""

PAGE = "url: {url}\ntype: testapp.{type}\ntitle: T\n"


def article(slug: str = "news") -> ArticlePage:
    return ArticlePage.objects.get(slug=slug)


class Folder:
    """A folder of YAML files, and ways to import it."""

    def __init__(self, path: Path):
        self.path = path
        path.mkdir()

    def write(self, text: str, name: str = "site.yaml") -> str:
        file = self.path / name
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return str(file)

    def image(self, name: str, colour: str = "red") -> None:
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        PILImage.new("RGB", (8, 6), colour).save(file)

    def load(self, text: str, **options):
        return import_files([self.write(text)], **options)

    def load_below_home(self, text: str, **options):
        return self.load(HOME + "---\n" + textwrap.dedent(text), **options)

    def problems(self, text: str, **options) -> list[str]:
        """Return the problems without the folder, as `site.yaml:1:2: message`."""
        with pytest.raises(ImportFailed) as caught:
            self.load(text, **options)
        return [
            str(problem).removeprefix(f"{self.path}/")
            for problem in caught.value.problems
        ]

    def command(self, text: str, *arguments: str, **options) -> str:
        out = io.StringIO()
        call_command(
            "import_pages", self.write(text), *arguments, stdout=out, **options
        )
        return out.getvalue()
