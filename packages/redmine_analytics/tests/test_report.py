from __future__ import annotations

import contextlib
import csv
import io
import json
import re

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from redmine_analytics.report.cells import neutralise, neutralise_table
from redmine_analytics.report.cli import main
from redmine_analytics.report.options import ReportOptions
from redmine_analytics.report.sections import build_report
from redmine_analytics.report.write import render_html
from tests.histories import card, history, sprint
from tests.redmine.fake import FakeRedmine

TITLES = [
    *("Velocity", "Estimates against reality", "Spill-over between sprints"),
    *("Burndown of Sprint 12", "Burnup of Sprint 12", "Cycle times", "Cumulative flow"),
    *("Ageing work", "Throughput", "Net flow", "Flow efficiency"),
]


@pytest.fixture
def run(fake, tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return its exit code and its output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDMINE_API_KEY", fake.key)

    def run(*arguments, url=fake.url, project="devops"):
        chosen = ["--project", project] if project else []
        code = main([url, *chosen, "--cache", "cache.sqlite", *arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report with its tables, written once for the tests that look at it."""
    folder, out = tmp_path_factory.mktemp("report"), io.StringIO()
    (folder / "key-file").write_text(f"{FakeRedmine.key}\n")
    with FakeRedmine() as server, contextlib.redirect_stdout(out):
        arguments = [server.url, "--project", "devops", "--discarded", "Rejected"]
        for name in ("key-file", "cache", "output", "csv"):
            arguments += [f"--{name}", str(folder / name)]
        assert main(arguments) == 0
    return folder, out.getvalue()


def test_the_report_is_one_page_without_scripts_and_with_texts(written):
    folder, out = written
    page = (folder / "output").read_text(encoding="utf-8")

    # The number depends on the day: forecasts need a recent past.
    assert re.search(r"written: 1[123] charts of 62 issues, read 0\.0 h ago", out)
    for title in TITLES:
        assert f"<h2>{title}</h2>" in page
    images = re.findall(r"<img [^>]*>", page)
    assert all('alt="' in image and "data:image/svg+xml" in image for image in images)
    assert len(images) >= len(TITLES)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert FakeRedmine.key not in page
    assert "Calibration" in page


def test_a_formula_in_a_subject_stays_text_in_every_table(written):
    folder, _ = written
    page = (folder / "output").read_text(encoding="utf-8")

    assert re.search(r"<td>(&#39;|')=HYPERLINK", page)
    assert "<td>=HYPERLINK" not in page
    for file in (folder / "csv").iterdir():
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    assert not cell.startswith(("=", "+", "@")), (file.name, cell)
    cycle = (folder / "csv" / "cycle-times.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(" in cycle
    assert "'+1 for dark mode" in cycle
    assert "Café menu – naïve ordering" in cycle  # noqa: RUF001


@given(st.text())
def test_no_text_is_a_formula_once_it_is_neutralised(text):
    found = neutralise(text)

    assert not found.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert found.removeprefix("'") == text.removeprefix("'")


def test_numbers_times_and_negative_values_stay_as_they_are():
    table = pd.DataFrame(
        {"n": [-1.5], "at": [pd.Timestamp("2026-07-01")], "-x": ["-1"]}, index=["=a"]
    )

    found = neutralise_table(table)

    assert found["n"].tolist() == [-1.5]
    assert found["at"].equals(table["at"].set_axis(found.index))
    assert list(found.columns) == ["n", "at", "'-x"]
    assert found.index.tolist() == ["'=a"]
    assert found["'-x"].tolist() == ["'-1"]


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ((), {"project": "nope"}, "project 'nope' does not exist"),
        ((), {"url": "http://127.0.0.1:1/?key=abc"}, "The address carries a secret"),
        (("--points", "Effort"), {}, "'Effort': no issue has such a field"),
        (("--start", "Doing"), {}, "'Doing' is not in the order"),
        (("--time-zone", "Mars/Base"), {}, "The working calendar is wrong"),
        (("--weekmask", "11"), {}, "The working calendar is wrong"),
        (("--key-file", "missing"), {}, "No such file or directory: 'missing'"),
        ((), {"url": "http://[::1"}, "'http://[::1' is not the address of a Redmine"),
        ((), {"url": "http://host:abc"}, "is not the address of a Redmine"),
        ((), {"url": "http://host/#issues"}, "'http://host/' is not the address"),
        (("--cache", "."), {}, ".: is not a file; name one for the cache"),
        (("--window", "0"), {}, "window 0: give a whole number from 1"),
        (("--horizon", "0"), {}, "horizon 0: give a whole number from 1"),
        (("--concurrency", "0"), {}, "concurrency 0: give a whole number from 1"),
        (("--seed", "-1"), {}, "seed -1: give a whole number from 0"),
        (("--order", "New", "--discarded", "New"), {}, "the order of the statuses is"),
        (("--points", "Effort"), {}, "--count-issues"),
        (("--offline",), {}, "does not exist; connect once without offline"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    run, tmp_path, arguments, options, says
):
    code, out, err = run(*arguments, **options)

    assert code == 1
    assert out == ""
    assert re.fullmatch(r"redmine_report: .*\n", err)
    assert says in err
    assert not (tmp_path / "report.html").exists()


def test_without_a_key_the_command_says_where_one_comes_from(run, monkeypatch):
    monkeypatch.delenv("REDMINE_API_KEY")

    code, _, err = run()

    assert code == 1
    assert "set REDMINE_API_KEY" in err


def test_the_notebook_runs_and_holds_charts_and_no_key(run, fake, tmp_path):
    code, out, _ = run("--notebook", "sprints.ipynb", "--discarded", "Rejected")
    assert (code, out) == (0, "sprints.ipynb: written\n")
    notebook = nbformat.read(tmp_path / "sprints.ipynb", as_version=4)
    # An error that is shown with the variables of every frame.
    failing = '%xmode Verbose\nra.RedmineSource(options.url, project="nope").frames()'
    notebook.cells.append(
        nbformat.v4.new_code_cell(failing, metadata={"tags": ["raises-exception"]})
    )

    client = NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()

    text = json.dumps(notebook)
    assert fake.key not in text
    assert text.count('"image/png"') >= len(TITLES)
    assert "62 issues" in text
    assert "Calibration" in text
    assert "'Rejected'" in text
    assert notebook.cells[-1].outputs[-1].ename == "SourceError"


def test_a_project_without_sprints_has_a_report_that_says_what_is_left_out():
    frames = history(card(1), versions=[sprint(1, None)])
    report = build_report(frames, ReportOptions("https://redmine.example"))

    assert any(note.startswith("Spill-over is left out") for note in report.notes)
    assert {result.title for result in report.results} >= {"Velocity", "Cycle times"}


def test_a_project_with_sprints_and_no_issue_yet_has_a_report():
    frames = history(versions=[sprint(1, 10), sprint(2, 20)])
    report = build_report(frames, ReportOptions("https://redmine.example"))

    spillover = next(r for r in report.results if r.kind == "spillover")
    assert spillover.table["committed"].tolist() == [0, 0]
    assert {result.kind for result in report.results} >= {"burndown", "burnup"}


def test_no_name_of_redmine_is_markup_or_a_formula_of_the_chart():
    name = '<script>alert(1)</script> $\\foo$ =HYPERLINK("http://e.example")'
    work = card(1, ("3", "In Progress"), ("4", "Closed"), version=1, subject=name)
    frames = history(work, versions=[sprint(1, 10, name), sprint(2, 28, name + "2")])
    options = ReportOptions("https://redmine.example")
    report = build_report(frames, options)

    page = render_html(report, frames, options)

    assert "<h2>Burndown of &lt;script&gt;alert(1)&lt;/script&gt; $\\foo$" in page
    assert "<script" not in page
    assert not any(b"<script" in result.svg() for result in report.results)


@pytest.mark.parametrize("secret", ["?key=s3cret", "?KEY=s3cret", "#key=s3cret"])
def test_an_address_with_a_secret_is_written_into_no_notebook(run, tmp_path, secret):
    url = f"https://redmine.example/{secret}"
    code, out, err = run("--notebook", "sprints.ipynb", url=url)

    assert (code, out) == (1, "")
    assert "The address carries a secret" in err
    assert "s3cret" not in err
    assert not (tmp_path / "sprints.ipynb").exists()
