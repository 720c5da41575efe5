from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bundle.judge.paths import find_path, is_issued_by, is_self_signed
from tests.pki import NOW, issue

ROOT = issue("Root", ca=True)
UPPER = issue("Upper", ROOT, ca=True)
LOWER = issue("Lower", UPPER, ca=True)
LEAF = issue("localhost", LOWER)
LOOK_ALIKES = [issue(name, ca=True) for name in ("Upper", "Lower")]
OTHERS = [issue(name, ROOT, ca=True) for name in ("A", "B")]


def certificates(identities):
    return [identity.certificate for identity in identities]


@settings(deadline=None)
@given(st.permutations([UPPER, LOWER, LEAF, *LOOK_ALIKES, *OTHERS]))
def test_the_path_does_not_depend_on_the_order_of_the_candidates(candidates):
    path = find_path(
        LEAF.certificate, certificates(candidates), [ROOT.certificate], NOW
    )

    assert path.is_trusted
    assert path.certificates == tuple(certificates([LEAF, LOWER, UPPER, ROOT]))


def test_a_look_alike_is_not_an_issuer():
    assert is_issued_by(LEAF.certificate, LOWER.certificate)
    assert not is_issued_by(LEAF.certificate, LOOK_ALIKES[1].certificate)


def test_the_longest_part_of_a_path_is_kept_if_no_root_is_known():
    path = find_path(
        LEAF.certificate, certificates([UPPER, LOWER]), [OTHERS[0].certificate], NOW
    )

    assert path.certificates == tuple(certificates([LEAF, LOWER, UPPER]))
    assert path.lacks_issuer


def test_two_authorities_that_vouch_for_each_other_end():
    first, second = issue("First", ca=True), issue("Second", ca=True)
    ring = [
        issue("First", second, ca=True, key=first.key),
        issue("Second", first, ca=True, key=second.key),
    ]
    leaf = issue("localhost", ring[0])

    path = find_path(leaf.certificate, certificates(ring), [ROOT.certificate], NOW)

    assert not path.is_trusted
    assert len(path.certificates) == 3


def test_a_server_cannot_make_the_search_long():
    key_pairs = [issue("Same", ca=True) for _ in range(30)]
    many = [
        issue("Same", signer, ca=True, key=owner.key)
        for owner in key_pairs[:8]
        for signer in key_pairs[:8]
    ]
    leaf = issue("localhost", key_pairs[0])

    path = find_path(leaf.certificate, certificates(many), [ROOT.certificate], NOW)

    assert not path.is_trusted


def test_a_root_signs_itself():
    assert is_self_signed(ROOT.certificate)
    assert not is_self_signed(UPPER.certificate)
