from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ixdjango.deploy.steps import Step
from ixdjango.masking import describe_error, mask

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at postgres://u:p@h/d now", "at postgres://u:***@h/d now"),
        ("postgres://u:p@ss:w/x@h/d", "postgres://u:***@h/d"),
        (
            "postgres://h/d?user=u&password=p:w&a=b",
            "postgres://h/d?user=u&password=***&a=b",
        ),
        ("postgres://u:p@h/d?password=q", "postgres://u:***@h/d?password=***"),
        ("postgres://h/d?sslpassword=q&a=b", "postgres://h/d?sslpassword=***&a=b"),
        ("redis://:p@h/0", "redis://:***@h/0"),
        ("http://elastic:s3cret: no host", "http://elastic:*** no host"),
        ("tool --token abc --name x", "tool --token *** --name x"),
        ("['tool', '--api-key', 'a b', 'x']", "['tool', '--api-key', ***, 'x']"),
        ("{'password': 'a b', 'user': 'u'}", "{'password': ***, 'user': 'u'}"),
        ("Authorization: Bearer abc", "Authorization: ***"),
        ("Authorization: Digest abc", "Authorization: ***"),
        ("{'password': b'a b', 'user': 'u'}", "{'password': ***, 'user': 'u'}"),
        ("host=h password='a b' user=u", "host=h password=*** user=u"),
    ],
)
def test_a_secret_is_masked_and_the_rest_is_shown(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://h:9200",
        "http://h:9200/path, http://i:9201",
        'connection to server at "127.0.0.1", port 1 failed: Connection refused',
        'FATAL: password authentication failed for user "u"',
        "people.yaml:14: parent '/about' does not exist",
        "step 2 of 3: ask admin@example.org",
        "12:30:01 [1/3] migrate",
        "field token: JOB_FEED_TOKEN is unset: set it to the secret that it sends",
    ],
)
def test_a_text_without_a_secret_is_shown_whole(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:a s3cret b@h/d",
        "postgres://u:a/s3cret@h/d",
        "postgres:/u:s3cret@h/d",
        "postgres:///u:s3cret@h/d",
        "postgres:u:s3cret@h/d",
        "u:s3cret@h/d",
        "postgres//u:s3cret@h/d",
        "http://elastic:s3cret",
        "http://elastic:s3cret/",
        "http://elastic:1234s3cret",
        "http://elastic:12%34s3cret",
    ],
)
@pytest.mark.parametrize("around", ["{}", "cannot parse {}", "cannot parse '{}'."])
def test_the_password_of_a_url_that_is_written_wrongly_is_masked(url, around):
    assert SECRET not in mask(around.format(url))


@given(st.text(min_size=1).filter(lambda text: "\n" not in text))
def test_no_password_between_a_user_and_a_host_is_shown(password):
    shown = mask(f"at postgres://user:{password}@host/name")

    assert shown == "at postgres://user:***@host/name"


def test_a_long_text_that_is_made_to_be_slow_is_masked_in_time():
    parts = ["-", "a-", "-password", "password", "pass-", "/:", "(a:", ":/", "_auth"]
    code = f"""
from ixdjango.masking import mask
for part in {parts}:
    mask(part * (100_000 // len(part)))
"""

    # Takes a second; time that grows with the square of the length is hours.
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("shell", [False, True])
def test_a_program_that_failed_is_named_without_its_arguments(shell):
    code = "raise SystemExit(3)"
    command = f"'{sys.executable}' -c '{code}' {SECRET}"
    if not shell:
        command = [sys.executable, "-c", code, SECRET]

    with pytest.raises(subprocess.CalledProcessError) as caught:
        subprocess.run(command, check=True, shell=shell)

    described = describe_error(caught.value)
    assert described.endswith(" ended with 3")
    assert SECRET not in described


def test_a_program_that_took_too_long_is_named_without_its_arguments():
    error = subprocess.TimeoutExpired(["/usr/bin/tool", SECRET], 2.5)

    assert describe_error(error) == "tool did not end within 2.5 s"


@pytest.mark.parametrize("command", ["TOKEN=s3cret tool", b"tool s3cret", [], ""])
def test_no_form_of_a_command_shows_its_arguments(command):
    assert SECRET not in describe_error(subprocess.CalledProcessError(1, command))


def test_a_step_is_named_without_its_secrets():
    assert Step("sync", ("--token", SECRET, "all")).name == "sync --token *** all"
