from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from modelsearch.query import MATCH_ALL
from wagtail.search.backends import get_search_backend

from jobs.flags import JobFlag
from jobs.models import Job
from jobs.search import find_jobs
from people.models import Person, Skill
from wagtailimporter import ImportFailed, import_files

pytestmark = pytest.mark.django_db
NEW = "!people.person\nslug: new\nname: New\nrole: Waits\nteam: office\nbiography: <p>Waits.</p>\n"  # fmt: skip


def slugs(found: Any) -> list[str]:
    return sorted(each.slug for each in found)


def test_skills_are_imported_from_a_list_in_any_order() -> None:
    esther = Person.objects.get(slug="esther-atem")

    assert esther.skills == [Skill.GROWING, Skill.TEACHING]
    assert esther.get_skills_display() == "Growing food, Teaching"


def test_a_list_written_otherwise_is_no_change(tmp_path: Path) -> None:
    file = tmp_path / "again.yaml"
    file.write_text(
        "!people.person\nslug: esther-atem\nskills: [growing, teaching, growing]\n"
    )

    report = import_files([file])

    assert "unchanged" in report.summary()


@pytest.mark.parametrize(
    ("skills", "complaint"),
    [
        pytest.param("[growing, woodwrk]", r"new.yaml:7:\d+: skills: Value 'woodwrk' is not a valid choice. Did you mean “woodwork”", id="value"),
        pytest.param("growing", r"new.yaml:7:9: Enter a list of values", id="no list"),
        pytest.param("{growing: 1}", r"new.yaml:7:9: expected", id="mapping"),
    ],
)  # fmt: skip
def test_skills_that_do_not_fit_are_not_imported(
    tmp_path: Path, skills: str, complaint: str
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(f"{NEW}skills: {skills}\n")

    with pytest.raises(ImportFailed, match=complaint):
        import_files([file])

    assert not Person.objects.filter(slug="new").exists()


def test_a_skill_that_is_none_is_refused_by_the_database() -> None:
    person = Person(slug="new", skills=["juggling"])

    with pytest.raises(IntegrityError, match="people_person_skills_choices"):
        person.save()


def test_the_pages_show_labels(client: Client) -> None:
    people = client.get("/people/").content.decode()
    job = client.get("/jobs/farmhand-werribee/").content.decode()

    assert "Ask about: Growing food, Water testing, First aid" in people
    assert people.count("Ask about:") == Person.objects.exclude(skills=[]).count()
    assert "<dd>Paid, Training given, Outdoors</dd>" in job


def test_the_search_finds_people_by_skill(back_end: str) -> None:
    water = Person.objects.filter(skills__contains=[Skill.WATER, Skill.FIRST_AID])
    of_either = Person.objects.filter(skills__overlap=[Skill.GRAFTING, Skill.WOODWORK])
    backend = get_search_backend()

    found = backend.search("creek", water, operator="and")

    assert slugs(found) == ["jarrah-kelly"]
    assert slugs(backend.search(MATCH_ALL, of_either)) == ["finn-okeefe", "ioana-marin"]
    skills = backend.search(MATCH_ALL, Person).facet("skills")
    assert skills == Counter(
        skill for person in Person.objects.all() for skill in person.skills or [None]
    )


@pytest.mark.parametrize("words", ["", "water"])
@pytest.mark.parametrize(
    "flags", [[], [JobFlag.PAID], ["outdoors", "off_hours"], ["paid", "off_hours"]]
)
def test_jobs_are_narrowed_by_what_comes_with_them(
    back_end: str, words: str, flags: list[str]
) -> None:
    everything = find_jobs(Job.objects.open(), words, "")

    found = find_jobs(Job.objects.open(), words, "", flags)

    expected = [job for job in everything.jobs if {*flags} <= {*job.flags}]
    assert list(found.jobs) == expected
    counts = Counter(flag for job in expected for flag in job.flags)
    assert Counter(found.flags) == counts
    assert list(found.flags) == list(JobFlag)
    assert sum(found.places.values()) == len(expected)


def test_every_flag_is_offered_though_no_job_has_it(back_end: str) -> None:
    found = find_jobs(Job.objects.open(), "beekeeper", "", ["paid", "step_free"])

    assert found.jobs.count() == 0
    assert found.flags == dict.fromkeys(JobFlag, 0)


def test_the_job_list_keeps_what_was_chosen(back_end: str, client: Client) -> None:
    text = client.get("/jobs/?flags=outdoors&flags=off_hours").content.decode()

    jobs = Job.objects.open().filter(flags__contains=["outdoors", "off_hours"])
    assert f"{jobs.count()} open job" in text
    assert "outdoors and evenings or weekends</h2>" in text
    assert '<a href="/jobs/">Clear</a>' in text
    assert 'value="outdoors" checked' in text
    assert 'value="paid" checked' not in text


@pytest.mark.parametrize("query", ["flags=none", "flags=%00", "flags=paid&flags=x"])
def test_what_comes_with_no_job_narrows_nothing(client: Client, query: str) -> None:
    text = client.get(f"/jobs/?{query}").content.decode()

    assert f"{Job.objects.open().count()} open jobs" in text


def test_the_admin_lists_people_with_labels(admin_client: Client) -> None:
    text = admin_client.get("/django-admin/people/person/").content.decode()

    assert '<td class="field-skills">Growing food, Teaching</td>' in text
    assert "Electronics (2)" in text


def test_what_narrows_nothing_need_not_be_cleared(client: Client) -> None:
    assert "Clear</a>" not in client.get("/jobs/").content.decode()
    assert "Clear</a>" in client.get("/jobs/?q=water").content.decode()
    assert "Clear</a>" in client.get("/people/?suburb=Coburg").content.decode()
