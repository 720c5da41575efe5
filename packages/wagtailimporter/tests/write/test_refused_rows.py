"""What a model or the database refuses is reported at the page that it belongs to."""

from __future__ import annotations

import pytest
from tests.folders import ARTICLE, article
from tests.testapp.models import ArticlePage, PlainPage

pytestmark = pytest.mark.django_db

PLAIN = "url: {url}\ntype: testapp.plainpage\ntitle: T\n{line}\n---\n"
ROW = "    related: [{page: {page: /main}, label: x, code: same}]\n"


def test_two_pages_of_a_run_do_not_share_a_unique_value(folder, home):
    folder.load(ARTICLE)
    problems = folder.problems(
        PLAIN.format(url="/main/a", line="code: same")
        + PLAIN.format(url="/main/news/b", line="code: same")
    )

    assert (
        "site.yaml:9:1: code 'same' has to be unique; page /main/a/ has it already."
        in (problems)
    )


def test_a_page_does_not_take_the_unique_value_of_a_stored_one(folder, home):
    folder.load(
        ARTICLE
        + "    ---\n    "
        + "\n    ".join(PLAIN.format(url="/main/a", line="code: same").splitlines())
    )

    [problem] = folder.problems(PLAIN.format(url="/main/news/b", line="code: same"))

    assert problem == (
        "site.yaml:4:1: code 'same' has to be unique; a stored page has it already."
    )


def test_a_constraint_of_the_database_names_its_page(folder, home):
    folder.load(ARTICLE)

    [problem] = folder.problems(
        PLAIN.format(url="/main/a", line="stars: 1")
        + PLAIN.format(url="/main/news/b", line="stars: -1")
    )

    assert problem.startswith("site.yaml:6:1: page /main/news/b/ was refused: new row")
    assert not PlainPage.objects.exists()


def test_a_row_that_the_database_refuses_takes_everything_back(folder, home):
    [problem] = folder.problems(
        ARTICLE + ROW + "    ---" + ARTICLE.replace("news", "more") + ROW
    )

    assert "was refused: duplicate key value" in problem
    assert not ArticlePage.objects.exists()


def test_the_own_save_of_a_page_type_is_called_with_the_finished_page(
    folder, home, monkeypatch
):
    stock = ArticlePage.save

    def save(self, *args, **kwargs):
        assert self.related.count() == 1
        self.code = self.title.upper()
        stock(self, *args, **kwargs)

    monkeypatch.setattr(ArticlePage, "save", save)
    folder.load(ARTICLE + "    related: [{page: {page: /main}, label: x}]")

    page = article()
    assert page.code == "NEWS"
    assert page.related.get().label == "x"
    assert page.latest_revision.content["code"] == "NEWS"
