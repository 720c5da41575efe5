"""Files describe the models that the site allows: accounts are not among them."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.test.utils import isolate_apps

from wagtailimporter.checks import check_models
from wagtailimporter.plan.permitted import is_permitted

ACCOUNTS = [
    ("!auth.user {username: mallory, is_superuser: true}", "auth.user"),
    ("!auth.group {name: Editors, permissions: []}", "auth.group"),
    (
        "!contenttypes.contenttype {app_label: x, model: y}",
        "contenttypes.contenttype",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("document", "label"), ACCOUNTS)
def test_accounts_and_permissions_may_not_be_imported(folder, document, label):
    (problem,) = folder.problems(document)

    assert f"!{label} may not be imported" in problem
    assert f"add '{label}' to WAGTAILIMPORTER_MODELS" in problem
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_a_group_that_is_described_within_a_reference_is_refused(folder, settings):
    settings.WAGTAILIMPORTER_MODELS = ["auth.user"]

    problems = folder.problems(
        "!auth.user\nusername: ours\npassword: x\n"
        "groups: [!auth.group {name: Moderators, permissions: []}]"
    )

    assert len(problems) == 1
    assert "!auth.group may not be imported" in problems[0]


@pytest.mark.django_db
def test_a_reference_to_an_account_is_allowed(folder, settings):
    settings.WAGTAILIMPORTER_MODELS = ["auth.user"]
    Group.objects.create(name="Readers")

    folder.load(
        "!auth.user\nusername: ours\npassword: x\ngroups: [!auth.group {name: Readers}]"
    )

    assert get_user_model().objects.get().groups.get().name == "Readers"


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["auth.group", "Auth.Group", "auth.*"])
def test_the_setting_allows_a_model_or_an_app(folder, settings, label):
    settings.WAGTAILIMPORTER_MODELS = [label]

    folder.load("!auth.group {name: Readers, permissions: []}")

    assert Group.objects.filter(name="Readers").exists()


@pytest.mark.django_db
def test_with_the_setting_no_other_model_may_be_imported(folder, settings):
    settings.WAGTAILIMPORTER_MODELS = ["auth.group"]

    (problem,) = folder.problems("!auth.user {username: ours, first_name: A}")

    assert "!auth.user may not be imported" in problem


def test_a_label_that_names_no_model_is_an_error_of_the_settings(settings):
    settings.WAGTAILIMPORTER_MODELS = ["auth.groups", "auth.*", "auth.Group"]

    (error,) = check_models()

    assert error.id == "wagtailimporter.E001"
    assert "'auth.groups'" in error.msg
    assert "auth.group" in error.hint


@isolate_apps("tests.testapp")
def test_memberships_of_the_projects_own_user_model_may_not_be_imported():
    class Member(AbstractUser):
        class Meta:
            app_label = "testapp"

    class Membership(models.Model):
        member = models.ForeignKey(Member, models.CASCADE)
        group = models.ForeignKey(Group, models.CASCADE)

        class Meta:
            app_label = "testapp"

        def __str__(self) -> str:
            return f"{self.member} in {self.group}"

    class Note(models.Model):
        member = models.OneToOneField(Member, models.CASCADE)

        class Meta:
            app_label = "testapp"

        def __str__(self) -> str:
            return f"of {self.member}"

    token = type(
        "Token",
        (models.Model,),
        {
            "__module__": "allauth.socialaccount.models",
            "Meta": type("Meta", (), {"app_label": "testapp"}),
        },
    )

    assert not is_permitted(token)
    assert not is_permitted(Member)
    assert not is_permitted(Member.groups.through)
    assert not is_permitted(Member.user_permissions.through)
    assert not is_permitted(Membership)
    assert is_permitted(Note)
