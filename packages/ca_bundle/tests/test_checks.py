from __future__ import annotations

import certifi
import pytest
from django.core import checks
from django.test import override_settings

from ca_bundle.use.hosts import Host
from ca_bundle.write.bundle import render_bundle

from .pki import DAY, issue


def check(bundles):
    with override_settings(CA_BUNDLES=bundles):
        return [m for m in checks.run_checks() if m.id.startswith("ca_bundle")]


def ids(bundles):
    return [message.id for message in check(bundles)]


def test_without_the_setting_there_is_nothing_to_say():
    assert [m for m in checks.run_checks() if m.id.startswith("ca_bundle")] == []


@pytest.mark.parametrize(
    "bundles", [["api.example.com"], {"https://x": "p"}, {"x": None}, {1: "p"}]
)
def test_a_setting_of_another_form(bundles):
    [message] = check(bundles)

    assert message.id == "ca_bundle.E001"
    assert 'CA_BUNDLES = {"api.example.com"' in message.hint


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nMI", "x"])
def test_a_bundle_that_cannot_be_loaded(content, tmp_path):
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)

    [message] = check({"api.example.com": path})

    assert message.id == "ca_bundle.E002"
    assert str(path) in message.msg
    assert message.hint == (
        f"Run manage.py ca_bundle build --host api.example.com --out {path}"
    )


ROOT = issue("Root", ca=True)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([ROOT], []),
        ([ROOT, issue("api.example.com", ROOT)], ["ca_bundle.E003"]),
        (
            [ROOT, issue("Old", ROOT, ca=True, start=-9 * DAY, end=-DAY)],
            ["ca_bundle.E004"],
        ),
        ([ROOT, issue("Soon", ROOT, ca=True, end=29 * DAY)], ["ca_bundle.W001"]),
        ([ROOT, issue("Later", ROOT, ca=True, end=31 * DAY)], []),
        ([issue("Intermediate", ROOT, ca=True)], ["ca_bundle.W002"]),
    ],
)
def test_the_members_of_a_bundle(members, expected, tmp_path):
    path = tmp_path / "bundle.pem"
    path.write_text("".join(member.pem for member in members))

    assert ids({"api.example.com": str(path)}) == expected


def test_a_certifi_that_has_changed_since(tmp_path, monkeypatch):
    path = tmp_path / "bundle.pem"
    path.write_text(
        render_bundle(Host("api.example.com"), [ROOT.certificate], is_from_certifi=True)
    )
    assert ids({"api.example.com": path}) == []

    (tmp_path / "cacert.pem").write_text("other")
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cacert.pem"))

    assert ids({"api.example.com": path}) == ["ca_bundle.W003"]
