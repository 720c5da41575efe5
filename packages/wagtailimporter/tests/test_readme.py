from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.testapp.models import ArticlePage, Job
from wagtailimporter import ImportFailed, import_files

README = Path(__file__).parent.parent / "README.md"
EXAMPLES = list(Sybil([PythonCodeBlockParser()]).parse(README).examples())


def block(language: str) -> str:
    """Return the one code block of a language in the README."""
    (found,) = re.findall(
        rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    return found


@pytest.fixture
def site(folder, home, monkeypatch):
    """The example's folder; its app is called like that of the tests."""
    folder.image("team.jpg")
    folder.write(block("yaml").replace("home.", "testapp."))
    monkeypatch.chdir(folder.path.parent)


def test_the_commands_print_what_the_readme_says(site):
    printed = ""
    for line in block("console").splitlines():
        if line.startswith("$ "):
            _, _, *command = shlex.split(line)[1:]
            out = io.StringIO()
            call_command(*command, stdout=out)
            printed += f"{line}\n{out.getvalue()}"

    assert printed == block("console")
    assert ArticlePage.objects.count() == 2
    assert Job.objects.get().title == "Gardener"


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"line {example.line}"
)
def test_the_python_of_the_readme_runs(site, example, capsys):
    example.evaluate()

    assert capsys.readouterr().out.startswith("2 pages created; 1 image created")


def test_the_mistake_of_the_readme_is_reported_as_it_says(site):
    file = Path("content/site.yaml")
    file.write_text(file.read_text("utf-8").replace("heading", "heading2"), "utf-8")

    with pytest.raises(ImportFailed) as caught:
        import_files([file])

    assert str(caught.value.problems[0]) in README.read_text("utf-8")
