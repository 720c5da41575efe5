"""The Redmine of the tests is a real one, and each test finds it as it was seeded."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.redmine


def test_a_change_is_gone_for_the_next_test(redmine):
    before = redmine.sql("SELECT status_id FROM issues WHERE id = 3")

    assert redmine.call("PUT", "/issues/3.json", {"issue": {"status_id": 2}}) == 204
    assert redmine.sql("SELECT status_id FROM issues WHERE id = 3") == [(2,)]
    redmine.reset()

    assert redmine.sql("SELECT status_id FROM issues WHERE id = 3") == before


def test_rest_can_be_switched_off_and_on(redmine):
    redmine.set("rest_api_enabled", "0")
    assert redmine.call("GET", "/users/current.json") == 403
    redmine.set("rest_api_enabled", "1")
    assert redmine.call("GET", "/users/current.json") == 200
