"""What both faces have in common: all that neither blocks nor is awaited."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guidepath.clock import Clock
from guidepath.host import HostCalls
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Sink, Store
from guidepath.registry import asgi_app
from guidepath.relay import Background, Relay

Properties = Mapping[str, object]


class Face:
    """What Guidepath and AsyncGuidepath have in common."""

    _calls: HostCalls
    _relay: Background | None

    @property
    def playbook(self) -> Playbook:
        """The playbook it runs."""
        return self._calls.deck.playbook

    @property
    def clock(self) -> Clock:
        """What time it is for it, as an aware datetime."""
        return self._calls.clock

    @property
    def ignored(self) -> Mapping[str, int]:
        """What was ignored because it is not as declared, and how often, by this object."""
        return dict(self._calls.ignored)

    def asgi(
        self,
        *,
        identify: Callable[..., Any] | None,
        write_keys: Sequence[str] = (),
        origins: Sequence[str] = (),
        rate: tuple[float, int] | None = (10, 40),
        inspect: Callable[..., Any] | None = None,
        studio: None = None,
    ) -> Any:
        """An ASGI app for the browser's side and for other servers, to be mounted by the host.

        Args:
            identify: given Starlette's request, who asks: (user, account), or None where nobody is
                signed in; may be async. Without one there is no browser's side.
            write_keys: secrets; whoever holds one is a server of the host's, and may say and ask
                anything of anybody, as Segment's SDKs do. Without one there is no server's side.
            origins: other origins whose pages may ask, such as "https://app.example", with a token
                that `identify` reads.
            rate: how often one person may ask: requests a second, and at once. None is no limit.
            inspect: given the same request, True where this person may see why in the page.
            studio: not part of this version.

        Raises:
            ConfigurationError: Starlette is not installed, a write key, an origin or the rate is
                none, there is neither `identify` nor a write key, or `studio` is given.
        """
        return asgi_app(
            self,
            identify=identify,
            write_keys=write_keys,
            origins=origins,
            rate=rate,
            inspect=inspect,
            studio=studio,
        )

    def _wake(self) -> None:
        """See that the relay of this process runs, where there is one."""
        if self._relay is not None:
            self._relay.wake()


def background(store: Store, sinks: Sequence[Sink], calls: HostCalls) -> Background | None:
    """The relay of this process, where there is something to carry to."""
    return Background(Relay(store, sinks, deck=calls.deck, clock=calls.clock)) if sinks else None


def silent(done: int) -> None:
    """Nobody watches the progress."""


def nobody_looks(done: int, total: int) -> None:
    """Nobody watches how much of it is done."""
