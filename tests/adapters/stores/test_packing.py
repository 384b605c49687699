from hypothesis import given, settings
from msgspec.structs import replace
from tests.journeys import Journey, journeys, playbooks
from tests.test_fold import arrive, guided

from guidepath import Playbook
from guidepath.adapters.stores import packing
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.packing import packed, unpacked
from guidepath.testing.sample import progress


@settings(deadline=None)
@given(playbook=playbooks(), journey=journeys())
def test_what_was_folded_is_told_from_what_is_read_by_nothing(
    playbook: Playbook, journey: Journey
) -> None:
    guide = guided(playbook, journey, MemoryStore())
    arrive(guide, list(enumerate(journey.steps)))
    for (account, user), folded in guide.store.subjects():
        assert repr(packing.anew(packed(account, user or "", folded))) == repr(folded)


def test_what_was_written_is_known_by_its_bytes() -> None:
    written = progress(1)
    stored = bytes(bytearray(packed("acme", "ada", written)))
    assert unpacked("acme", "ada", stored) is written
    assert packing.anew(stored) == written
    assert packing.anew(stored) is not written


def test_what_was_read_is_known_by_its_bytes() -> None:
    stored = packed("acme", "ada", progress(2))
    packing.forget()
    read = unpacked("acme", "ada", stored)
    assert read == progress(2)
    assert unpacked("acme", "ada", stored) is read


def test_other_bytes_are_read() -> None:
    stored = packed("acme", "ada", progress(3))
    packed("acme", "ada", progress(4))
    assert unpacked("acme", "ada", stored) == progress(3)
    assert unpacked("acme", "", stored) == progress(3)


def test_it_does_not_grow_without_end() -> None:
    for number in range(2_000):
        packed("acme", f"user {number}", progress(number))
    assert len(packing._lately) <= 512


def test_what_is_large_is_not_kept() -> None:
    large = replace(progress(5), attributes={"size": "x" * 10_000})
    stored = packed("acme", "ada", large)
    assert unpacked("acme", "ada", stored) == large
    assert unpacked("acme", "ada", stored) is not large
