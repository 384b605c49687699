"""Envelopes to PostHog's batch API."""

import msgspec

from guidepath.adapters.sinks.analytics import (
    AnalyticsSink,
    Limits,
    derived_uuid,
    event_name,
    properties,
    traits,
    unlinked_id,
)
from guidepath.adapters.sinks.posting import LIBRARY, Answer
from guidepath.clock import iso
from guidepath.errors import DeliveryError
from guidepath.event import Envelope


class PosthogSink(AnalyticsSink):
    """Each envelope becomes an event. Of those with one `uuid` PostHog keeps one.

    There is no `sent_at`: with it PostHog would move each event by what it takes for our clock's
    error.
    """

    scheme = "posthog"
    key_is = "a project's API key"
    usual_home = "https://us.i.posthog.com"
    path = "/batch/"
    limits = Limits(most=1_000, largest=10_000_000, largest_event=900_000)  # any, 20 MB, 1 MB

    def event(self, envelope: Envelope) -> dict[str, object]:
        """An event of the user in the group that is the account, or of the group alone.

        Every event needs a `distinct_id`; that of a group's makes no person.
        """
        library, _, release = LIBRARY.partition("/")
        about: dict[str, object] = {
            **properties(envelope),
            "$groups": {self._group: envelope.account},
            "$lib": library,
            "$lib_version": release,
            "$geoip_disable": True,  # the request comes from our server, not from the user's place
        }
        if envelope.user is None:
            about["$process_person_profile"] = False
        elif known := traits(envelope):
            about["$set"] = known
        return {
            "event": event_name(envelope),
            "distinct_id": unlinked_id(envelope) if envelope.user is None else envelope.user,
            "uuid": derived_uuid(envelope),
            "timestamp": iso(envelope.occurred_at),
            "properties": about,
        }

    def body(self, events: bytes) -> bytes:
        """See AnalyticsSink."""
        return b'{"api_key":' + msgspec.json.encode(self._key) + b',"batch":[' + events + b"]}"

    def judged(self, answer: Answer, sent: int) -> DeliveryError | None:
        """See AnalyticsSink. Beyond a quota, PostHog answers 200 and keeps nothing."""
        if answer.taken and (limited := answer.field("quota_limited")):
            return self.problem(answer, mend=f"the project is over its quota of {limited}")
        if answer.taken and answer.field("status") == 0:
            return self.problem(answer)
        return super().judged(answer, sent)
