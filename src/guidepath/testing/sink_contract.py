"""What every sink must do, as tests. Subclass it; give it fixtures `sink` and `delivered`."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from guidepath.event import Envelope
from guidepath.ports import Sink
from guidepath.testing.sample import spoken

Delivered = Callable[[], Sequence[str]]


class SinkContract:
    """Every sink passes these. `delivered()` gives the ids that have come out at the other end."""

    def test_what_is_delivered_comes_out_in_order(self, sink: Sink, delivered: Delivered) -> None:
        """One parcel after another."""
        sink.deliver([spoken(1), spoken(2)])
        sink.deliver([spoken(3)])
        assert list(delivered()) == ["evt_1", "evt_2", "evt_3"]

    def test_a_retry_keeps_its_ids(self, sink: Sink, delivered: Delivered) -> None:
        """At least once: the receiver tells repeats by their ids."""
        parcel: list[Envelope] = [spoken(1), spoken(2)]
        sink.deliver(parcel)
        sink.deliver(parcel)
        assert set(delivered()) == {"evt_1", "evt_2"}

    def test_whatever_stands_in_an_envelope_arrives(self, sink: Sink, delivered: Delivered) -> None:
        """Ids and values of any script, quotes, and what means something to some format."""
        odd = "Zoë's \"<b>&amp;%{{ x }}\\ \N{GRINNING FACE}"
        said = replace(
            spoken(1, user=odd, account=odd),
            data={"milestone": odd, "deep": {"list": [1, None, True, 0.1]}},
            attributes={"user.name": odd, "account.size": 2**53 + 1},
            private={"user.email": "zoë@example.com"},
        )
        sink.deliver([said])
        assert list(delivered()) == ["evt_1"]

    def test_nothing_is_not_sent(self, sink: Sink, delivered: Delivered) -> None:
        """An empty parcel is delivered at once."""
        sink.deliver([])
        assert list(delivered()) == []

    def test_it_says_what_it_carries_of_people(self, sink: Sink) -> None:
        """Names of attributes, as `user.email`; the relay gives it no others that are pii."""
        assert isinstance(sink.carries, frozenset)
        assert all(name.startswith(("user.", "account.")) for name in sink.carries)

    def test_it_has_a_name_that_tells_it_from_others(self, sink: Sink) -> None:
        """Its cursor in the store is kept under it."""
        assert sink.name
        assert sink.name == sink.name.strip()

    def test_closing_twice_does_nothing(self, sink: Sink) -> None:
        """A host may close what its framework closed before."""
        sink.close()
        sink.close()
