"""Find jobs through whichever search back end the site has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from modelsearch.query import MATCH_ALL

if TYPE_CHECKING:
    from jobs.models import JobQuerySet

__all__ = ["FoundJobs", "JobSearchForm", "find_jobs"]


class JobSearchForm(forms.Form):
    """What the visitor of the job list asks for."""

    q = forms.CharField(required=False, max_length=100, label="Words in the job")
    location = forms.CharField(required=False, max_length=60)


@dataclass(frozen=True)
class FoundJobs:
    """Jobs found, and how many each place has of them.

    Attributes:
        jobs: search results in the order of the query set: they can be counted
            and sliced.
        places: location to count, by name; counts ignore the chosen location, so
            that the visitor sees what another would give. Elasticsearch knows the
            ten fullest only.
    """

    jobs: Any  # modelsearch has no types.
    places: dict[str, int]


def find_jobs(jobs: JobQuerySet, keywords: str, location: str) -> FoundJobs:
    """Return those of `jobs` with all `keywords` in them, at `location`.

    Args:
        jobs: an ordered query set; its order is the order of the result.
        keywords: words divided by spaces; empty finds every job.
        location: empty means everywhere.
    """
    options: dict[str, Any] = {"order_by_relevance": False}
    if keywords:
        options["operator"] = "and"
    query = keywords or MATCH_ALL
    places = jobs.search(query, **options).facet("location")
    if location:
        jobs = jobs.filter(location=location)
    return FoundJobs(jobs.search(query, **options), dict(sorted(places.items())))
