"""Envelopes to Segment, or to another that speaks its HTTP tracking API."""

from guidepath.adapters.sinks.analytics import (
    AnalyticsSink,
    Limits,
    basic_auth,
    event_name,
    properties,
    traits,
    unlinked_id,
)
from guidepath.adapters.sinks.posting import LIBRARY, Answer
from guidepath.clock import iso
from guidepath.errors import DeliveryError
from guidepath.event import Envelope


class SegmentSink(AnalyticsSink):
    """Each envelope becomes a track. Of those with one `messageId` Segment keeps the first.

    There is no `sentAt`: with it Segment would move each event by what it takes for our clock's
    error.
    """

    scheme = "segment"
    key_is = "a source's write key"
    usual_home = "https://api.segment.io"
    path = "/v1/batch"
    limits = Limits(most=2_000, largest=490_000, largest_event=32_768)  # 2,500, 500 KB, 32 KB
    names_groups = False  # an account is always `context.groupId`

    def event(self, envelope: Envelope) -> dict[str, object]:
        """A track of the user, or of an anonymous id that stands for the account alone.

        As a `userId`, an account would become a person wherever Segment sends it on.
        """
        library, _, release = LIBRARY.partition("/")
        context: dict[str, object] = {
            "groupId": envelope.account,
            "library": {"name": library, "version": release},
        }
        if about := traits(envelope):
            context["traits"] = about
        who = (
            {"anonymousId": unlinked_id(envelope)}
            if envelope.user is None
            else {"userId": envelope.user}
        )
        return {
            "type": "track",
            "messageId": envelope.id,
            "timestamp": iso(envelope.occurred_at),
            **who,
            "event": event_name(envelope),
            "properties": properties(envelope),
            "context": context,
            "integrations": {},
        }

    def body(self, events: bytes) -> bytes:
        """See AnalyticsSink."""
        return b'{"batch":[' + events + b"]}"

    def headers(self) -> dict[str, str]:
        """See AnalyticsSink."""
        return {"Authorization": basic_auth(self._key)}

    def judged(self, answer: Answer, sent: int) -> DeliveryError | None:
        """See AnalyticsSink."""
        if answer.taken and answer.field("success") is False:
            return self.problem(answer)
        return super().judged(answer, sent)
