"""The street offices of a simulated city: on the day after, they sign what people said of visits.

Most people confirm, some deny, the others stay silent. An office signs one statement a day. Two
kinds of case are planted here: one device that speaks for many people, and an office that stamps
what it is given, a second each.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from msgspec import UNSET

from ledger.events.delivery import Channel, VisitConfirmed, VisitDenied
from ledger.rules.confirming import is_open
from ledger.simulate.agenda import day_ms
from ledger.simulate.cast import office_of
from ledger.simulate.chance import Quota, weighted
from ledger.simulate.people import Elder
from ledger.simulate.world import World
from ledger.times import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, format_instant

RUBBER_STAMP = 0
"""The street whose office stamps what it is given."""

_OPENS = 9 * 60
_PROXY_GROUP = 5  # people for whom one device speaks
_PROXY_GAP_MS = 4 * MS_PER_MINUTE
_STAMPED_AT_ONCE = 20
_GHOSTS_DENIED_OF_100 = 30
_CHANNELS: tuple[Channel, ...] = weighted((70, "app"), (15, "sms"), (10, "call"), (5, "paper"))


class Word(NamedTuple):
    """What somebody says of a visit: whether it took place."""

    contract: str
    visit: str
    person: str
    phone: str
    channel: Channel
    denied: bool


class Offices:
    """Asks people, and signs their word."""

    def __init__(self, world: World) -> None:
        """Begin with nothing said."""
        self._world = world
        self._chance = world.stream("offices")
        self._words: defaultdict[int, list[Word]] = defaultdict(list)
        self._proxies = Quota(world.scale.planted.proxy // _PROXY_GROUP)
        self._holding: set[int] = set()  # streets where somebody gathers telephones
        self._stamped = False

    def ask(self, elder: Elder, contract: str, visit: str, *, ghost: bool) -> None:
        """Ask a person about a visit; the answer is signed tomorrow, if there is one."""
        bits = int.from_bytes(self._chance(5))
        scale = self._world.scale
        draw = bits % 1_000
        denied = ghost and draw < _GHOSTS_DENIED_OF_100 * 10
        if not denied:
            if ghost or draw >= scale.confirmed_of_1000 + scale.denied_of_1000:
                return
            denied = draw >= scale.confirmed_of_1000
        channel = _CHANNELS[(bits >> 16) & 4_095]
        word = Word(contract, visit, elder.token, elder.phone, channel, denied)
        self._words[elder.street].append(word)
        if not denied and self._proxies.takes():
            self._holding.add(elder.street)

    def sign_all(self) -> None:
        """Let every office that has something to sign do so."""
        for street in sorted(self._words):
            words = self._words[street]
            if street == RUBBER_STAMP and len(words) < _STAMPED_AT_ONCE:
                continue
            if street in self._holding and len({w.person for w in words}) < _PROXY_GROUP:
                continue
            del self._words[street]
            self._sign(street, words)

    def _sign(self, street: int, words: list[Word]) -> None:
        """Sign the statement of an office; what is answered already needs no word any more."""
        world = self._world
        gathered: list[Word] = []
        if street == RUBBER_STAMP or street in self._holding:
            words = [each for each in words if is_open(world.state, each.contract, each.visit)]
        if street in self._holding:
            self._holding.discard(street)
            gathered = _one_for_each(words)
            words = [each for each in words if each not in gathered]
        base_ms = day_ms(world.agenda.today, _OPENS)
        step_ms = 8 * MS_PER_HOUR // (len(words) + 1)
        if street == RUBBER_STAMP:
            step_ms = MS_PER_SECOND
        events = [
            self._said(word, base_ms + number * step_ms) for number, word in enumerate(words, 1)
        ]
        for number, word in enumerate(gathered):
            spoken = word._replace(phone=gathered[0].phone, channel="app")
            said = self._said(spoken, base_ms + number * _PROXY_GAP_MS)
            world.truth.label("proxy", said.id, contract=word.contract)
            events.append(said)
        if not events:
            return
        world.sign(events, f"{office_of(street)}/office-2025")
        if street == RUBBER_STAMP and not self._stamped:
            self._stamped = True
            world.truth.label("rubber_stamp", events[0].id, office=office_of(street))

    def _said(self, word: Word, at_ms: int) -> VisitConfirmed | VisitDenied:
        said = VisitDenied if word.denied else VisitConfirmed
        by_device = word.channel in {"app", "sms"}
        device: Any = word.phone if by_device else UNSET
        return said(
            v=1,
            id=self._world.ids.event_id(at_ms),
            salt=self._world.ids.salt(),
            at=format_instant(at_ms),
            contract=word.contract,
            visits=[word.visit],
            channel=word.channel,
            device=device,
        )


def _one_for_each(words: list[Word]) -> list[Word]:
    """Return one confirmation each of as many people as a proxy speaks for."""
    of_person: dict[str, Word] = {}
    for word in words:
        if not word.denied and len(of_person) < _PROXY_GROUP:
            of_person.setdefault(word.person, word)
    return list(of_person.values())
