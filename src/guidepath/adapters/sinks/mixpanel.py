"""Envelopes to Mixpanel's import API."""

from guidepath.adapters.sinks.analytics import (
    AnalyticsSink,
    Limits,
    basic_auth,
    derived_uuid,
    event_name,
    milliseconds,
    properties,
)
from guidepath.adapters.sinks.posting import Answer
from guidepath.errors import DeliveryError
from guidepath.event import Envelope


class MixpanelSink(AnalyticsSink):
    """Each envelope becomes an event.

    Of those with the same name, user, time and `$insert_id` Mixpanel keeps one.
    """

    scheme = "mixpanel"
    key_is = "a project's token"
    usual_home = "https://api.mixpanel.com"
    path = "/import?strict=1"
    limits = Limits(most=1_000, largest=1_900_000, largest_event=900_000)  # 2,000, 2 MB, 1 MB

    def event(self, envelope: Envelope) -> dict[str, object]:
        """An event of the user in the group that is the account.

        An account's event has an empty `distinct_id`, with which it counts for no user. Were it
        missing, Mixpanel would make up a user from our server's address.
        """
        return {
            "event": event_name(envelope),
            "properties": {
                **properties(envelope),
                self._group: envelope.account,
                "distinct_id": envelope.user or "",
                "time": milliseconds(envelope),
                "$insert_id": derived_uuid(envelope),
                "mp_lib": "guidepath",
            },
        }

    def body(self, events: bytes) -> bytes:
        """See AnalyticsSink."""
        return b"[" + events + b"]"

    def headers(self) -> dict[str, str]:
        """See AnalyticsSink."""
        return {"Authorization": basic_auth(self._key)}

    def judged(self, answer: Answer, sent: int) -> DeliveryError | None:
        """See AnalyticsSink. Where some events fail, Mixpanel takes the others and names these.

        So what stands before the first of them is delivered. What stands after it comes again, and
        is told by its `$insert_id`.
        """
        failed = _failed(answer, sent)
        if answer.status != 400 or not failed:
            return super().judged(answer, sent)
        place = min(failed)
        problem = self.problem(answer, refused=True, mend=failed[place])
        problem.delivered = place
        return problem


def _failed(answer: Answer, sent: int) -> dict[int, str]:
    """The events that were refused, by their place, and why."""
    records = answer.field("failed_records")
    failed: dict[int, str] = {}
    for record in records if isinstance(records, list) else ():
        place = record.get("index") if isinstance(record, dict) else None
        if type(place) is int and 0 <= place < sent:
            failed[place] = f"{record.get('field', '')}: {record.get('message', '')}"
    return failed
