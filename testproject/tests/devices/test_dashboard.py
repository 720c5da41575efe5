from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

import devices
from devices.endpoints.consumers import may_push
from devices.models import Device


def test_the_plotting_library_is_the_named_version_with_its_licence() -> None:
    folder = Path(devices.__file__).parent / "static" / "devices" / "uplot"

    assert "(v1.6.32)" in (folder / "uPlot.esm.js").read_text(encoding="utf-8")[:300]
    assert "The MIT License" in (folder / "LICENSE").read_text(encoding="utf-8")
    readme = Path(__file__).resolve().parents[2] / "README.md"
    assert "uPlot 1.6.32 (MIT)" in readme.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_page_shows_what_devices_measured_last(client: Client) -> None:
    device = Device.objects.create(slug="shed", name="Shed <1>", state={"led": 1})
    device.readings.create(values={"volts": 12.5})
    Device.objects.create(slug="new", name="New")

    page = client.get("/devices/").content.decode()

    assert "Shed &lt;1&gt;" in page
    assert "<dt>volts</dt><dd>12.5</dd>" in page
    assert 'aria-checked="true"' in page
    assert "no reading yet" in page
    assert page.count(" disabled>") == 2


@pytest.mark.django_db
def test_who_may_change_devices_can_switch(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("editor"))
    assert "There is no device yet" in client.get("/devices/").content.decode()
    Device.objects.create(slug="shed", name="Shed")

    page = client.get("/devices/").content.decode()

    assert " disabled>" not in page
    assert "log in" not in page


@pytest.mark.django_db
def test_an_open_page_may_switch_only_while_its_user_may(client: Client) -> None:
    user = get_user_model().objects.create_user("editor")
    client.force_login(user)
    key = client.session.session_key
    assert not may_push(key)
    assert not may_push(None)

    user.user_permissions.add(Permission.objects.get(codename="change_device"))
    assert may_push(key)

    user.user_permissions.clear()
    assert not may_push(key)

    user.user_permissions.add(Permission.objects.get(codename="change_device"))
    client.logout()
    assert not may_push(key)


@pytest.mark.django_db
@pytest.mark.parametrize("admin", ["admin/snippets/devices", "django-admin/devices"])
def test_both_admins_list_devices_and_no_token(client: Client, admin: str) -> None:
    client.force_login(get_user_model().objects.create_superuser("editor"))
    device = Device.objects.create(slug="shed", name="Shed")
    token = device.issue_token()

    page = client.get(f"/{admin}/device/").content.decode()
    change = client.get(f"/django-admin/devices/device/{device.pk}/change/")

    assert "Shed" in page
    assert token not in page + change.content.decode()


@pytest.mark.django_db
def test_the_admin_revokes_tokens(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("editor"))
    device = Device.objects.create(slug="shed", name="Shed")
    device.issue_token()

    data = {"action": "revoke", "_selected_action": [device.pk]}
    answer = client.post("/django-admin/devices/device/", data, follow=True)

    assert "1 tokens revoked." in answer.content.decode()
    assert not device.tokens.filter(revoked_at=None).exists()
