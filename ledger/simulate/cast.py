"""The cast of a simulated city: its parties, their keys and the roles they play.

Each party has keys of its own; where two people of a party must sign, two holders do. Every key
follows from the seed, so a simulated city has no secrets.
"""

from typing import NamedTuple

from ledger.events.base import Identifier
from ledger.events.parties import KeyUse, PartyKind, RoleName
from ledger.identity import Ids
from ledger.note import Ed25519Signer, VerifierKey
from ledger.simulate.scale import Scale

ORIGIN = "ledger.lushan.example"
TITLE = {"en": "Home care in the city of Lushan (simulated)", "zh": "麓山市居家养老服务（模拟）"}

AUTHORITY = "lushan-city"
OPERATOR = "lushan-data"
REGISTRY = "lushan-registry"
FINANCE = "lushan-finance"
PURCHASER = "lushan-civil-affairs"
TREASURY = "lushan-treasury"
EVALUATOR = "lushan-evaluation"
REVIEWER = "lushan-supervision"
AUDITOR = "lushan-audit"

EXPERTS = 3
"""Experts of the evaluator: each scores bids with a key of its own."""

Label = tuple[str, KeyUse]


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
    labels: tuple[Label, ...]

    @property
    def names(self) -> dict[str, str]:
        """Return its names by language."""
        return {"en": self.en, "zh": self.zh}


_ONE_KEY: tuple[Label, ...] = (("office-2025", "admin"),)
_PROVIDER_KEYS: tuple[Label, ...] = (("office-2025", "admin"), ("field-2025", "sign"))
_FINANCE_KEYS: tuple[Label, ...] = (
    ("budget-2025", "admin"),
    ("review-2025", "sign"),
    ("payments-2025", "sign"),
)

FOUNDERS = (
    Member(AUTHORITY, "Lushan City Government", "麓山市人民政府", "government", None, _ONE_KEY),
    Member(OPERATOR, "Lushan Data Centre", "麓山市数据中心", "institution", None, _ONE_KEY),
)
REGISTRAR = Member(
    REGISTRY, "Lushan Registry", "麓山市登记中心", "institution", "registrar", _ONE_KEY
)

_NAMES = (
    ("yangguang", "Yangguang", "阳光"),
    ("songbai", "Songbai", "松柏"),
    ("qingtian", "Qingtian", "晴天"),
    ("changqing", "Changqing", "常青"),
    ("fushou", "Fushou", "福寿"),
    ("xihong", "Xihong", "夕红"),
    ("kangle", "Kangle", "康乐"),
    ("anxin", "Anxin", "安心"),
    ("renai", "Ren'ai", "仁爱"),
    ("huxiang", "Huxiang", "湖湘"),
)
_FORMS: tuple[tuple[str, str, str, PartyKind], ...] = (
    ("care", "Home Care", "居家养老服务中心", "social_organisation"),
    ("home", "Home Services Ltd", "家政服务有限公司", "company"),
    ("elders", "Centre for the Elderly", "为老服务社", "social_organisation"),
    ("health", "Health Care Ltd", "健康护理有限公司", "company"),
    ("station", "Care Station", "养老驿站", "social_organisation"),
    ("nursing", "Nursing Group Ltd", "护理集团有限公司", "company"),
)
_DISTRICTS = (
    ("Dongcheng", "东城"),
    ("Xicheng", "西城"),
    ("Nanhu", "南湖"),
    ("Beishan", "北山"),
    ("Jiangbin", "江滨"),
    ("Qiaotou", "桥头"),
    ("Gaoxin", "高新"),
    ("Linchuan", "临川"),
    ("Yunxi", "云溪"),
)


def area_of(district: int) -> str:
    """Return the name of a district, as lots and price caps name it."""
    round_, name = divmod(district, len(_DISTRICTS))
    return f"{_DISTRICTS[name][0]} {round_ + 1}" if round_ else _DISTRICTS[name][0]


def office_of(street: int) -> str:
    """Return the party of a street office."""
    return f"street-{street + 1:04}"


def claims_key(district: int) -> str:
    """Return the name of the key by which claims of a district are answered."""
    return f"{PURCHASER}/claims-{district + 1:02}"


def provider_of(number: int) -> str:
    """Return the party of a provider."""
    names, forms = len(_NAMES), len(_FORMS)
    round_, within = divmod(number, names * forms)
    name, form = _NAMES[within % names], _FORMS[(within + within // names) % forms]
    again = f"-{round_ + 1}" if round_ else ""
    return f"{name[0]}-{form[0]}{again}"


def _provider(number: int) -> Member:
    names, forms = len(_NAMES), len(_FORMS)
    round_, within = divmod(number, names * forms)
    name, form = _NAMES[within % names], _FORMS[(within + within // names) % forms]
    again = f" {round_ + 1}" if round_ else ""
    return Member(
        provider_of(number),
        f"{name[1]} {form[1]}{again}",
        f"{name[2]}{form[2]}{again}",
        form[3],
        "provider",
        _PROVIDER_KEYS,
    )


def _office(scale: Scale, street: int) -> Member:
    district = street % scale.districts
    number = street // scale.districts + 1
    return Member(
        office_of(street),
        f"{area_of(district)} Street Office {number}",
        f"麓山市{_DISTRICTS[district % len(_DISTRICTS)][1]}区第{street + 1}街道办事处",
        "government",
        "purchaser",
        _ONE_KEY,
    )


def members_of(scale: Scale) -> tuple[Member, ...]:
    """Return the parties of a city that the registry registers, bodies first."""
    claims: list[Label] = [
        (claims_key(district).partition("/")[2], "sign") for district in range(scale.districts)
    ]
    experts: list[Label] = [(f"expert-{number + 1}", "sign") for number in range(EXPERTS)]
    return (
        Member(
            FINANCE, "Lushan Finance Bureau", "麓山市财政局", "government", "finance", _FINANCE_KEYS
        ),
        Member(
            PURCHASER,
            "Lushan Civil Affairs Bureau",
            "麓山市民政局",
            "government",
            "purchaser",
            (("contracts-2025", "admin"), *claims),
        ),
        Member(
            TREASURY,
            "Lushan Treasury Payment Centre",
            "麓山市国库集中支付中心",
            "institution",
            "treasury",
            _ONE_KEY,
        ),
        Member(
            EVALUATOR,
            "Lushan Institute for Evaluation",
            "麓山市绩效评价中心",
            "institution",
            "evaluator",
            (*_ONE_KEY, *experts),
        ),
        Member(
            REVIEWER,
            "Lushan Procurement Supervision",
            "麓山市采购监督办公室",
            "government",
            "reviewer",
            _ONE_KEY,
        ),
        Member(AUDITOR, "Lushan Audit Office", "麓山市审计局", "government", "auditor", _ONE_KEY),
        *(_office(scale, street) for street in range(scale.streets)),
        *(_provider(number) for number in range(scale.providers)),
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
    """All parties of a city, and their keys, made from drawn bytes in a fixed order.

    Attributes:
        members: the parties that the registry registers.
        keys: every key made so far, by name, the ledger's own first.
        ledger_key: the ledger's own.
        origin: the ledger's name.

    """

    def __init__(self, scale: Scale, ids: Ids, origin: str = ORIGIN) -> None:
        """Make every key that is there from the start."""
        self._ids = ids
        self.origin = origin
        self.members = members_of(scale)
        self.keys: dict[str, SimulatedKey] = {}
        self.ledger_key = self.make_key(origin, "ledger")
        for member in (*FOUNDERS, REGISTRAR, *self.members):
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
