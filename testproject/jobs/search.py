"""Find jobs through whichever search back end the site has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from modelsearch.query import MATCH_ALL

from jobs.flags import JobFlag
from jobs.lengths import JobLength

if TYPE_CHECKING:
    from jobs.models import JobQuerySet

__all__ = ["FoundJobs", "JobSearchForm", "find_jobs"]


class JobSearchForm(forms.Form):
    """What the visitor of the job list asks for."""

    q = forms.CharField(required=False, max_length=100, label="Words in the job")
    location = forms.CharField(required=False, max_length=60)
    length = forms.ChoiceField(required=False, choices=JobLength.choices)
    flags = forms.MultipleChoiceField(required=False, choices=JobFlag.choices)


@dataclass(frozen=True)
class FoundJobs:
    """Jobs found, and how many each place and each length has of them.

    Attributes:
        jobs: search results in the order of the query set: they can be counted
            and sliced.
        places: location to count, by name; counts ignore the chosen location, so
            that the visitor sees what another would give.
        lengths: each length to its count; counts ignore the chosen length.
        flags: each thing that may come with them to its count among the jobs found,
            in its own order: the visitor sees how many one more would leave, be it 0.
    """

    jobs: Any  # modelsearch has no types.
    places: dict[str, int]
    lengths: dict[JobLength, int]
    flags: dict[JobFlag, int]


def find_jobs(
    jobs: JobQuerySet,
    keywords: str,
    location: str,
    flags: Collection[JobFlag | str] = (),
    length: JobLength | None = None,
) -> FoundJobs:
    """Return those of `jobs` with all `keywords` in them, at `location`.

    Args:
        jobs: an ordered query set; its order is the order of the result.
        keywords: words divided by spaces; empty finds every job.
        location: empty means everywhere.
        flags: all of them come with each job found.
        length: how long their terms are; None means any.
    """
    options: dict[str, Any] = {"order_by_relevance": False}
    if keywords:
        options["operator"] = "and"
    query = keywords or MATCH_ALL
    if flags:
        jobs = jobs.filter(flags__contains=flags)
    of_length = _narrow(jobs, length)
    places = of_length.search(query, **options).facet("location")
    if location:
        jobs = jobs.filter(location=location)
    durations = jobs.search(query, **options).facet("duration")
    jobs = _narrow(jobs, length)
    found = jobs.search(query, **options)
    counts = found.facet("flags")
    return FoundJobs(
        found,
        dict(sorted(places.items())),
        {
            each: sum(
                count for months, count in durations.items() if each.holds(months)
            )
            for each in JobLength
        },
        {flag: counts.get(flag, 0) for flag in JobFlag},
    )


def _narrow(jobs: JobQuerySet, length: JobLength | None) -> JobQuerySet:
    if length is None:
        return jobs
    first, last = length.months
    jobs = jobs.filter(duration__gte=first)
    return jobs if last is None else jobs.filter(duration__lte=last)
