"""What all parts of a simulated city share: its agenda, keys and chance, and the ledger's state.

Parts read the state only as their parties do, to add up what they bill, answer and pay.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ledger.drafting import sign_statement
from ledger.events import Event, name_of_type, version_of
from ledger.identity import Ids, Stream
from ledger.note import Signer
from ledger.simulate.agenda import Act, Agenda, Crowd, day_ms
from ledger.simulate.cast import ORIGIN, Cast
from ledger.simulate.scale import Scale
from ledger.simulate.truth import Truth, Write
from ledger.state import State
from ledger.times import MS_PER_SECOND, format_instant

E = TypeVar("E", bound=Event)

Sign = Callable[[Sequence[Event], str, int, Sequence[Signer]], bytes]
"""Makes a statement file, as `ledger.drafting.sign_statement` does."""

_SIGNING_MS = 20 * MS_PER_SECOND  # between signing and arriving at the ledger
_OPENS, _SHUTS = 9 * 60, 17 * 60  # minutes of the day between which offices act


class World:
    """A city's shared things.

    Attributes:
        scale: how large it is.
        cast: its parties and keys.
        agenda: what is to be done.
        ids: where ids come from.
        chance: chance of everything that is not the visits' own.
        truth: what was planted.
        state: the ledger's; of an empty one until the ledger is there.

    """

    def __init__(
        self,
        scale: Scale,
        seed: bytes,
        write: Write,
        sign: Sign = sign_statement,
        origin: str = ORIGIN,
    ) -> None:
        """Make the world that follows from `seed`."""
        self.scale = scale
        self.ids = Ids(Stream(seed + b"/ids"))
        self.chance = Stream(seed)
        self.cast = Cast(scale, self.ids, origin)
        self.agenda = Agenda()
        self.truth = Truth(write)
        self.state = State()
        self._seed = seed
        self._sign = sign
        self._ready: list[bytes] = []
        self._last_ms = 0

    def stream(self, name: str) -> Stream:
        """Return a stream of the seed for one purpose: what others draw does not move it."""
        return Stream(self._seed + b"/" + name.encode())

    def later(self, days: int, act: Act) -> None:
        """Put an act on the agenda, some days on, at an hour when offices are open."""
        minute = self.chance.between(_OPENS, _SHUTS)
        second = self.chance.below(60)
        at_ms = day_ms(self.agenda.today + days, minute) + second * MS_PER_SECOND
        self.agenda.at(max(at_ms, self.agenda.now_ms), act)

    def event(self, event_class: type[E], at_ms: int | None = None, **fields: Any) -> E:
        """Return a new event with its heading."""
        at_ms = self.agenda.now_ms if at_ms is None else at_ms
        heading: dict[str, Any] = {
            "v": version_of(name_of_type(event_class)),
            "id": self.ids.event_id(at_ms),
            "salt": self.ids.salt(),
            "at": format_instant(at_ms),
        }
        return event_class(**heading, **fields)

    def sign(self, events: Sequence[Event], *key_names: str) -> None:
        """Make a statement of `events` now, signed by these keys."""
        signers = [self.cast.keys[name].signer for name in key_names]
        self._ready.append(self._sign(events, self.cast.origin, self.agenda.now_ms, signers))

    def crowds(self, end_ms: int) -> Iterator[Crowd]:
        """Do everything that is due before `end_ms`; yield the statements of each act.

        They must be admitted, and `state` reflect them, before the next are asked for.
        """
        for now_ms in self.agenda.acts(end_ms):
            if self._ready:
                ready, self._ready = self._ready, []
                arrives_ms = now_ms + _SIGNING_MS + self.chance.below(MS_PER_SECOND)
                self._last_ms = max(arrives_ms, self._last_ms + 1)
                yield Crowd(self._last_ms, ready)

    def file_hash(self) -> str:
        """Return the hash of a file that a simulated city does not have."""
        return self.chance(32).hex()
