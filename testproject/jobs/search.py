"""Find jobs through whichever search back end the site has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from modelsearch.query import MATCH_ALL

from jobs.flags import JobFlag

if TYPE_CHECKING:
    from jobs.models import JobQuerySet

__all__ = ["FoundJobs", "JobSearchForm", "find_jobs"]


class JobSearchForm(forms.Form):
    """What the visitor of the job list asks for."""

    q = forms.CharField(required=False, max_length=100, label="Words in the job")
    location = forms.CharField(required=False, max_length=60)
    flags = forms.MultipleChoiceField(required=False, choices=JobFlag.choices)


@dataclass(frozen=True)
class FoundJobs:
    """Jobs found, and how many each place has of them.

    Attributes:
        jobs: search results in the order of the query set: they can be counted
            and sliced.
        places: location to count, by name; counts ignore the chosen location, so
            that the visitor sees what another would give. Elasticsearch knows the
            ten fullest only.
        flags: each thing that may come with them to its count among the jobs found,
            in its own order: the visitor sees how many one more would leave, be it 0.
    """

    jobs: Any  # modelsearch has no types.
    places: dict[str, int]
    flags: dict[JobFlag, int]


def find_jobs(
    jobs: JobQuerySet,
    keywords: str,
    location: str,
    flags: Collection[JobFlag | str] = (),
) -> FoundJobs:
    """Return those of `jobs` with all `keywords` in them, at `location`.

    Args:
        jobs: an ordered query set; its order is the order of the result.
        keywords: words divided by spaces; empty finds every job.
        location: empty means everywhere.
        flags: all of them come with each job found.
    """
    options: dict[str, Any] = {"order_by_relevance": False}
    if keywords:
        options["operator"] = "and"
    query = keywords or MATCH_ALL
    if flags:
        jobs = jobs.filter(flags__contains=flags)
    places = jobs.search(query, **options).facet("location")
    if location:
        jobs = jobs.filter(location=location)
    found = jobs.search(query, **options)
    counts = found.facet("flags")
    return FoundJobs(
        found,
        dict(sorted(places.items())),
        {flag: counts.get(flag, 0) for flag in JobFlag},
    )
