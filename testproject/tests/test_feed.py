from __future__ import annotations

from http import HTTPStatus

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from jobs.models import FeedPartner, Job
from testproject.deploy import STEPS

pytestmark = pytest.mark.django_db
TOKEN = "the-token-of-the-board"


@pytest.fixture
def partner() -> FeedPartner:
    return FeedPartner.objects.create(name="Board", token=TOKEN)


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_partner_reads_the_open_jobs(
    client: Client, partner: FeedPartner, scheme: str
) -> None:
    answer = client.get("/jobs/feed/", headers={"Authorization": f"{scheme} {TOKEN}"})

    jobs = answer.json()["jobs"]
    assert [job["title"] for job in jobs] == [job.title for job in Job.objects.open()]
    assert jobs[0]["url"].startswith("http://testserver/jobs/")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="nothing"),
        pytest.param("Bearer wrong", id="wrong-token"),
        pytest.param("Bearer ", id="empty-token"),
        pytest.param("Bearer schlüssel", id="not-ascii"),
        pytest.param(f"Basic {TOKEN}", id="another-scheme"),
        pytest.param(TOKEN, id="no-scheme"),
    ],
)
def test_anybody_else_is_refused(
    client: Client, partner: FeedPartner, authorization: str
) -> None:
    answer = client.get("/jobs/feed/", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert TOKEN not in answer.content.decode()


def test_without_partners_an_empty_token_opens_nothing(client: Client) -> None:
    answer = client.get("/jobs/feed/", headers={"Authorization": "Bearer "})

    assert answer.status_code == 401


def test_a_partner_with_an_empty_token_is_not_let_in(client: Client) -> None:
    FeedPartner.objects.create(name="Careless", token="")

    answer = client.get("/jobs/feed/", headers={"Authorization": "Bearer "})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_the_site_configuration_sets_the_token(
    monkeypatch: pytest.MonkeyPatch, partner: FeedPartner
) -> None:
    (step,) = (step for step in STEPS if step.command == "loaddata")
    monkeypatch.setenv("JOB_FEED_TOKEN", "from the environment")

    for _ in range(2):
        with step.stdin.open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            call_command(step.command, *step.arguments, verbosity=0)

    tokens = dict(FeedPartner.objects.values_list("name", "token"))
    assert tokens == {"Board": TOKEN, "Kulin Jobs Board": "from the environment"}


@pytest.mark.parametrize("view", ["", "edit/{pk}/", "history/{pk}/", "usage/{pk}/"])
def test_the_admin_does_not_show_the_token(
    editor: Client, partner: FeedPartner, view: str
) -> None:
    path = f"/admin/snippets/jobs/feedpartner/{view.format(pk=partner.pk)}"

    answer = editor.get(path)

    assert answer.status_code == 200
    assert "Board" in answer.content.decode()
    assert TOKEN not in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"), [("", TOKEN), ("another", "another")], ids=["empty", "new"]
)
def test_an_editor_replaces_the_token_or_leaves_it(
    editor: Client, partner: FeedPartner, typed: str, stored: str
) -> None:
    path = f"/admin/snippets/jobs/feedpartner/edit/{partner.pk}/"

    editor.post(path, {"name": "Renamed", "token": typed})

    partner.refresh_from_db()
    assert (partner.name, partner.token) == ("Renamed", stored)


def test_a_new_partner_needs_a_token(editor: Client) -> None:
    answer = editor.post(
        "/admin/snippets/jobs/feedpartner/add/", {"name": "New", "token": ""}
    )

    assert "A new partner needs a token." in answer.content.decode()
    assert not FeedPartner.objects.filter(name="New").exists()
