"""What would change, for people and for programs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from wagtail.log_actions import registry
from wagtail.models import Page, PageLogEntry

from tests.folders import ARTICLE, HOME, article
from tests.testapp.models import Job
from wagtailimporter import Author
from wagtailimporter.report import differences

pytestmark = pytest.mark.django_db

JOB = "{type: testapp.job, slug: a, title: %s}"
BODY = """
    code: %s
    other: {page: %s}
    topics: [{slug: t}%s]
    body:
    - {type: heading, value: %s}
    - {type: link, page: {page: /main}, text: %s}
    ---
    {type: testapp.topic, slug: t, title: T}
    ---
    {type: testapp.topic, slug: s, title: S}
"""


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a", "a", []),
        ("a", None, ['x: "a" -> nothing']),
        ([1, 2], [1, 3, 4], ["x[1]: 2 -> 3", "x[2]: nothing -> 4"]),
        (
            {"a": 1, "b": 2},
            {"a": 1, "c": 2},
            ["x.b: 2 -> nothing", "x.c: nothing -> 2"],
        ),
        (
            [{"type": "h", "value": "a"}],
            [{"type": "h", "value": "b"}],
            ['x[0].h: "a" -> "b"'],
        ),
    ],
)
def test_differences_are_as_deep_as_the_structure_is_the_same(before, after, lines):
    assert list(map(str, differences("x", before, after))) == lines


def test_a_diff_names_every_value_that_changes(folder, home):
    folder.load(ARTICLE + BODY % ("old", "/main", "", "One", "Home"))
    text = ARTICLE.replace("title: News", "title: Newer") + BODY % (
        "new",
        "/main/more",
        ", {slug: s}",
        "Two",
        "Home",
    )
    more = "    ---\n    url: /main/more\n    type: testapp.articlepage\n    title: M\n"

    out = folder.command(text + more, "--dry-run", "--diff")

    assert out == (
        "updated page /main/news/\n"
        '  title: "News" -> "Newer"\n'
        '  code: "old" -> "new"\n'
        '  other.page: "/main" -> "/main/more"\n'
        '  topics[0].slug: "t" -> "s"\n'
        '  topics[1]: nothing -> {"slug": "t"}\n'
        '  body[0].heading: "One" -> "Two"\n'
        "created page /main/more/\n"
        "dry run, nothing written: 1 page created, 1 updated; 2 topics unchanged\n"
    )
    assert article().title == "News"


@pytest.mark.parametrize(("title", "status"), [("A", None), ("B", 2)])
def test_a_check_exits_with_2_if_there_is_something_to_do(folder, title, status):
    folder.load(JOB % "A")
    path = folder.write(JOB % title)

    try:
        call_command("import_pages", path, "--check", stdout=io.StringIO())
        found = None
    except SystemExit as error:
        found = error.code

    assert found == status
    assert Job.objects.get().title == "A"


def test_a_check_of_a_bad_file_exits_with_1(folder):
    with pytest.raises(CommandError) as caught:
        call_command(
            "import_pages", folder.write("a: b"), "--check", stderr=io.StringIO()
        )

    assert caught.value.returncode == 1


def test_a_mistyped_option_exits_with_1_not_2():
    code = (
        "import django; django.setup();"
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'import_pages', 'x.yaml', '--chekc'])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "error: unrecognized arguments: --chekc" in done.stderr


def test_a_report_is_json(folder, home):
    folder.load(ARTICLE)

    out = folder.command(ARTICLE + "    code: new", "--json")

    [action] = json.loads(out)["actions"]
    assert action == {
        "kind": "page",
        "name": "page /main/news/",
        "action": "updated",
        "changes": [{"path": "code", "before": "", "after": "new"}],
    }


def test_problems_are_json_too(folder):
    path, out = folder.write("{type: testapp.job, slug: [x]}"), io.StringIO()

    with pytest.raises(CommandError):
        call_command("import_pages", path, "--json", stdout=out)

    [problem] = json.loads(out.getvalue())["problems"]
    assert problem == {
        "file": path,
        "line": 1,
        "column": 27,
        "message": "expected one value, got a sequence.",
    }


def test_a_page_comes_from_the_standard_input(home, monkeypatch):
    text = (HOME + "subtitle: from a pipe").encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))

    call_command("import_pages", "-", stdout=io.StringIO())

    assert Page.objects.get(slug="main").specific.subtitle == "from a pipe"


def test_the_history_has_the_author_and_the_comment(folder, home):
    user = get_user_model().objects.create_user("ada")

    folder.command(ARTICLE, "--user", "ada", "--comment", "as agreed")

    page = article()
    assert page.latest_revision.user == user
    entry = PageLogEntry.objects.get(page=page.pk, action="wagtailimporter.import")
    assert entry.user == user
    assert registry.get_formatter(entry).format_comment(entry) == "as agreed"


def test_an_author_who_does_not_exist_is_refused(folder):
    with pytest.raises(CommandError, match="there is no user 'ada'"):
        folder.command(ARTICLE, "--user", "ada")


def test_python_may_name_an_author_too(folder, home):
    folder.load(ARTICLE, author=Author(comment="by a migration"))

    [entry] = PageLogEntry.objects.filter(action="wagtailimporter.import")
    assert entry.data == {"comment": "by a migration"}


def test_prune_deletes_below_its_root_what_no_file_describes(folder, home):
    folder.load(ARTICLE + "    ---" + ARTICLE.replace("news", "old"))

    report = folder.load(ARTICLE, prune=["/main"])

    assert report.summary() == "1 page deleted, 1 unchanged"
    assert list(Page.objects.filter(depth=3).values_list("slug", flat=True)) == ["news"]


def test_prune_has_a_maximum(folder, home):
    folder.load(ARTICLE + "    ---" + ARTICLE.replace("news", "old"))

    [problem] = folder.problems(HOME, prune=["/main"], prune_max=1)

    assert problem == (
        "--prune: 2 pages would be deleted, more than --prune-max 1:"
        " /main/news/, /main/old/ ..."
    )
    assert folder.problems(HOME, prune=["/mian"]) == [
        "--prune /mian: there is no such page; did you mean '/main/'?"
    ]
