"""The cast of the miniature city: its parties, their keys and the roles they play.

Each party has keys of its own; where two people of a party must sign, two holders do. Every key
follows from the seed, so a simulated city has no secrets.
"""

from typing import NamedTuple

from ledger.events.base import Identifier
from ledger.events.parties import KeyUse, PartyKind, RoleName
from ledger.identity import Ids
from ledger.note import Ed25519Signer, VerifierKey

ORIGIN = "ledger.lushan.example"
TITLE = {"en": "Home care in the city of Lushan (simulated)", "zh": "麓山市居家养老服务（模拟）"}

AUTHORITY = "lushan-city"
OPERATOR = "lushan-data"
REGISTRY = "lushan-registry"
FINANCE = "lushan-finance"
PURCHASER = "lushan-civil-affairs"
TREASURY = "lushan-treasury"
AUDITOR = "lushan-audit"
EAST = "yangguang-care"
WEST = "songbai-home"
NORTH = "qingtian-elders"


class Member(NamedTuple):
    """A party of the city.

    Attributes:
        party: its id.
        en: its English name.
        zh: its Chinese name.
        kind: what it is in law.
        role: the role it is granted, or None where the genesis grants it.
        labels: its keys, the first enrolled by the registrar; each with its use.

    """

    party: str
    en: str
    zh: str
    kind: PartyKind
    role: RoleName | None
    labels: tuple[tuple[str, KeyUse], ...]

    @property
    def names(self) -> dict[str, str]:
        """Return its names by language."""
        return {"en": self.en, "zh": self.zh}


_ONE_KEY: tuple[tuple[str, KeyUse], ...] = (("office-2025", "admin"),)
_PROVIDER_KEYS: tuple[tuple[str, KeyUse], ...] = (("office-2025", "admin"), ("field-2025", "sign"))

FOUNDERS = (
    Member(AUTHORITY, "Lushan City Government", "麓山市人民政府", "government", None, _ONE_KEY),
    Member(OPERATOR, "Lushan Data Centre", "麓山市数据中心", "institution", None, _ONE_KEY),
)
REGISTRAR = Member(
    REGISTRY, "Lushan Registry", "麓山市登记中心", "institution", "registrar", _ONE_KEY
)
MEMBERS = (
    Member(
        FINANCE,
        "Lushan Finance Bureau",
        "麓山市财政局",
        "government",
        "finance",
        (("budget-2025", "admin"), ("review-2025", "sign"), ("payments-2025", "sign")),
    ),
    Member(
        PURCHASER,
        "Lushan Civil Affairs Bureau",
        "麓山市民政局",
        "government",
        "purchaser",
        (("contracts-2025", "admin"), ("claims-2025", "sign")),
    ),
    Member(
        TREASURY,
        "Lushan Treasury Payment Centre",
        "麓山市国库集中支付中心",
        "institution",
        "treasury",
        _ONE_KEY,
    ),
    Member(AUDITOR, "Lushan Audit Office", "麓山市审计局", "government", "auditor", _ONE_KEY),
    Member(
        EAST,
        "Yangguang Home Care",
        "阳光居家养老服务中心",
        "social_organisation",
        "provider",
        _PROVIDER_KEYS,
    ),
    Member(
        WEST,
        "Songbai Home Services Ltd",
        "松柏家政服务有限公司",
        "company",
        "provider",
        _PROVIDER_KEYS,
    ),
    Member(
        NORTH,
        "Qingtian Centre for the Elderly",
        "晴天为老服务社",
        "social_organisation",
        "provider",
        _PROVIDER_KEYS,
    ),
)


class SimulatedKey(NamedTuple):
    """A key whose private half everybody may know.

    Attributes:
        name: `<party>/<label>`, or the origin for the ledger's own.
        use: `admin`, `sign`, or `ledger`.
        holder: token of the person who holds it.
        seed: its private seed, 32 bytes.
        signer: signs with it.

    """

    name: str
    use: str
    holder: str
    seed: bytes
    signer: Ed25519Signer

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return self.signer.verifier


class Cast:
    """All keys of the city, made from drawn bytes in a fixed order."""

    def __init__(self, ids: Ids) -> None:
        """Make every key that is there from the start."""
        self._ids = ids
        self.keys: dict[str, SimulatedKey] = {}
        self.ledger_key = self.make_key(ORIGIN, "ledger")
        for member in (*FOUNDERS, REGISTRAR, *MEMBERS):
            for label, use in member.labels:
                self.make_key(f"{member.party}/{label}", use)

    def make_key(self, name: str, use: str) -> SimulatedKey:
        """Make a key with a holder of its own."""
        seed, holder = self._ids.seed(), self._ids.token("holder")
        key = SimulatedKey(name, use, holder, seed, Ed25519Signer(name, seed))
        self.keys[name] = key
        return key


def identifier_of(party: str) -> Identifier:
    """Return a party's number: of no register, so that nobody is taken for it."""
    return Identifier(scheme="XX-SIMULATED", id=party)
