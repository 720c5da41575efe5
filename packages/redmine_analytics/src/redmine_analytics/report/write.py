"""Write a report: one HTML page, a folder of CSV files, a notebook."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from pathlib import Path

from redmine_analytics.charts.result import figure_text
from redmine_analytics.frames import Frames
from redmine_analytics.report.cells import neutralise_table
from redmine_analytics.report.options import ReportOptions
from redmine_analytics.report.sections import Report

__all__ = ["render_html", "write_csv", "write_notebook", "write_whole"]

ROWS_SHOWN = 500


def render_html(report: Report, frames: Frames, options: ReportOptions) -> str:
    """Return a page that needs no other file and runs no script."""
    # Only the report needs Jinja.
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    parts = []
    for result in report.results:
        table = neutralise_table(result.table.reset_index()).head(ROWS_SHOWN)
        parts.append(
            {
                "id": file_name(result.title),
                "title": result.title,
                "alt_text": result.alt_text,
                "svg": base64.b64encode(result.svg()).decode("ascii"),
                "facts": [
                    (name, figure_text(value)) for name, value in result.facts.items()
                ],
                # Escaped by pandas.
                "table": Markup(  # noqa: S704
                    table.to_html(index=False, border=0, float_format="{:.2f}".format)
                ),
            }
        )
    environment = Environment(
        loader=PackageLoader("redmine_analytics.report"), autoescape=True
    )
    return environment.get_template("report.html").render(
        title=f"Redmine report: {options.project or 'every project'}",
        url=options.url,
        issues=len(frames.issues),
        read_at=f"{frames.read_at:%Y-%m-%d %H:%M}",
        parts=parts,
        notes=report.notes,
    )


def write_csv(report: Report, folder: Path) -> list[Path]:
    """Write the table of each metric as UTF-8 with a mark that spreadsheets know."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for result in report.results:
        file = folder / f"{file_name(result.title)}.csv"
        text = neutralise_table(result.table.reset_index()).to_csv(index=False)
        write_whole(file, text.encode("utf-8-sig"))
        written.append(file)
    return written


def file_name(title: str) -> str:
    """Return a name of small letters, digits and dashes.

    >>> file_name("Burndown of Sprint 3/b")
    'burndown-of-sprint-3-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")


_CELLS = (
    ("markdown", "# {title}\n\nThe key comes from the environment variable `REDMINE_API_KEY`; it is not kept in this notebook."),
    ("code", "from redmine_analytics.report.options import ReportOptions\nfrom redmine_analytics.report.sections import build_report\n\noptions = ReportOptions(\n{options})\nframes = options.source().frames()\nframes"),
    ("markdown", "Without a network, use the cache: `options.source().frames(offline=True)`."),
    ("code", "import redmine_analytics as ra\n\nvelocity = ra.velocity(frames, window=5, points=options.points)\nvelocity.plot()\nvelocity"),
    ("code", "report = build_report(frames, options)\nfor result in report.results:\n    result.plot()"),
    ("code", "print(*report.notes, sep=\"\\n\")"),
)  # fmt: skip


def write_notebook(options: ReportOptions, file: Path) -> None:
    """Write a notebook that reads the same source and shows the same report."""
    import nbformat
    from nbformat import v4

    given = "".join(
        f"    {name}={value!r},\n"
        for name, value in vars(options).items()
        if name != "key" and value != getattr(ReportOptions, name, None)
    )
    title = f"Redmine: {options.project or 'every project'}"
    notebook = v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[
            getattr(v4, f"new_{kind}_cell")(
                text.replace("{title}", title).replace("{options}", given)
            )
            for kind, text in _CELLS
        ],
        metadata={
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
        },
    )
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    write_whole(file, text.encode())


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file in one step: readers see the old content or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
