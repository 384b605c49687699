"""Envelopes to Amplitude's HTTP V2 API."""

import msgspec

from guidepath.adapters.sinks.analytics import (
    AnalyticsSink,
    Limits,
    event_name,
    milliseconds,
    properties,
    traits,
    unlinked_id,
)
from guidepath.adapters.sinks.posting import LIBRARY, Answer
from guidepath.errors import DeliveryError
from guidepath.event import Envelope

THROTTLED_S = 30.0  # how long Amplitude asks those to wait that send too much of one user


class AmplitudeSink(AnalyticsSink):
    """Each envelope becomes an event. Of those with one `insert_id` Amplitude keeps the first."""

    scheme = "amplitude"
    key_is = "a project's API key"
    usual_home = "https://api2.amplitude.com"
    path = "/2/httpapi"
    limits = Limits(most=100, largest=900_000, largest_event=900_000)  # 2,000 and 1 MB
    zipped = False

    def event(self, envelope: Envelope) -> dict[str, object]:
        """An event of the user in the group that is the account.

        An account's event needs a user or a device: it has a device that stands for the account.
        """
        who = (
            {"device_id": unlinked_id(envelope)}
            if envelope.user is None
            else {"user_id": envelope.user}
        )
        event: dict[str, object] = {
            **who,
            "event_type": event_name(envelope),
            "time": milliseconds(envelope),
            "insert_id": envelope.id,
            "event_properties": properties(envelope),
            "groups": {self._group: envelope.account},
            "library": LIBRARY,
        }
        if known := traits(envelope):
            event["user_properties"] = known
        return event

    def body(self, events: bytes) -> bytes:
        """See AnalyticsSink. Without the option, ids shorter than five characters are refused."""
        key = msgspec.json.encode(self._key)
        return b'{"api_key":' + key + b',"events":[' + events + b'],"options":{"min_id_length":1}}'

    def judged(self, answer: Answer, sent: int) -> DeliveryError | None:
        """See AnalyticsSink. A wrong key is a 400 too, and no fault of the events."""
        code = answer.field("code")
        if answer.taken and isinstance(code, int) and code != 200:
            return self.problem(answer)
        said = answer.field("error")
        if answer.status == 400 and (
            answer.field("missing_field") == "api_key"
            or (isinstance(said, str) and "api key" in said.lower())
        ):
            return self.problem(answer, refused=False, mend="check the key")
        problem = super().judged(answer, sent)
        if problem is not None and answer.status == 429 and problem.retry_after is None:
            problem.retry_after = THROTTLED_S
        return problem
