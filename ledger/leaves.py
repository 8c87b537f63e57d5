"""The state as leaves: what a closing commits to, one leaf a subject, and their root.

A leaf is canonical JSON with the subject's key, the log's origin and size, how many events touch
the subject and the rolling hash over them (`chain`), and what the law holds about it:

    contract   status, buyer, provider, value_fen, lines with every account, claims not fully paid
    line       year, owner, every account
    party      keys and roles in force when the closing was recorded
    tender     status, reserved_fen
    others     status

    {"chain":"4da6…","events":31,"key":"line/2026-home-care","allotted":…,"origin":…,"size":187}

The leaves are sorted by the bytes of their keys; their RFC 6962 root is the *state root* of the
log at that size. With count and chain a leaf proves completeness: the leaf hashes of the subject's
events, in order, must give the chain. Closed subjects keep their leaf.
"""

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from ledger.canonical import encode
from ledger.merkle import leaf_hashes, root_of
from ledger.postings import CHART
from ledger.state import State
from ledger.state.subject import Subject
from ledger.times import local_date

CONTRACT_ACCOUNTS = tuple(name for name, account in CHART.items() if account.about == "contract")
"""Every account that is kept by contract."""


class Standing(NamedTuple):
    """The whole state at one size of the log.

    Attributes:
        leaves: one a subject, sorted by the bytes of their keys.
        root: RFC 6962 root over them.
        trial_balance: a total per account over all lines, fen on the account's normal side.
        counts: how many of each kind of thing there are.

    """

    leaves: list[bytes]
    root: bytes
    trial_balance: dict[str, int]
    counts: dict[str, int]


def standing_of(state: State, size: int, at_ms: int) -> Standing:
    """Return the leaves, root and totals of a state that reflects `size` statements.

    Keys and roles are those in force at `at_ms`, milliseconds since the epoch.

    Cost: some 10 µs a subject.
    """
    claims = _open_claims(state)
    keys_in_force, roles = _keys_in_force(state, at_ms), _roles_in_force(state, at_ms)
    leaves = []
    for key, subject in sorted(state.subjects.items(), key=lambda item: item[0].encode()):
        kind, _, name = key.partition("/")
        if kind == "contract":
            held = _contract(state, name, claims[name])
        elif kind == "line":
            held = _line(state, name)
        elif kind == "party":
            held = {"keys": keys_in_force[name], "roles": roles[name]}
        elif kind == "tender":
            held = _tender(state, name)
        elif kind == "programme":
            held = {"status": "ended" if state.programmes[name].ended else "open"}
        else:
            held = {"status": "open"}
        leaves.append(_leaf(state, key, subject, size, held))
    totals: Counter[str] = Counter()
    for (account, _line_id), balance_fen in state.totals.items():
        totals[account] += balance_fen
    return Standing(
        leaves,
        root_of(leaf_hashes(leaves)),
        {account: totals[account] for account in CHART},
        {
            "contracts": len(state.contracts),
            "keys": len(state.keys),
            "lines": len(state.lines),
            "parties": len(state.parties),
            "tenders": len(state.tenders),
        },
    )


# -- one leaf ----------------------------------------------------------------------------------


def _leaf(state: State, key: str, subject: Subject, size: int, held: dict[str, Any]) -> bytes:
    return encode(
        {
            "chain": subject.chain.hex(),
            "events": subject.events,
            "key": key,
            "origin": state.ledger["origin"],
            "size": size,
            **held,
        }
    )


def _contract(state: State, name: str, claims: list[dict[str, Any]]) -> dict[str, Any]:
    contract = state.contracts[name]
    return {
        "buyer": contract.buyer,
        "claims": claims,
        "lines": [
            {"line": line}
            | {account: state.balance(account, line, name) for account in CONTRACT_ACCOUNTS}
            for line, _ in contract.lines
        ],
        "provider": contract.provider,
        "status": contract.status,
        "value_fen": contract.value_fen,
    }


def _line(state: State, name: str) -> dict[str, Any]:
    line = state.lines[name]
    return {"owner": line.owner, "year": line.year, **state.line_balances(name)}


def _tender(state: State, name: str) -> dict[str, Any]:
    tender = state.tenders[name]
    reserved_fen = sum(
        state.balance("reserved", line, f"{name}/{lot.lot}")
        for lot in tender.lots.values()
        for line in lot.lines
    )
    return {"reserved_fen": reserved_fen, "status": tender.status}


def _open_claims(state: State) -> defaultdict[str, list[dict[str, Any]]]:
    """Return the claims, and sums owed beyond them, not fully paid, by contract, by id."""
    claims: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in sorted(state.claims):
        claim = state.claims[name]
        payment = None if claim.payment is None else state.payments[claim.payment]
        paid = payment is not None and payment.status == "settled"
        unpaid_fen = 0 if paid else claim.payable_fen
        if claim.status == "submitted" or unpaid_fen or claim.disputed_fen:
            receivable = state.receivables.get(name)
            lender = None if receivable is None else receivable.lender
            claims[claim.contract].append(
                {
                    "claim": name,
                    "disputed_fen": claim.disputed_fen,
                    "status": claim.status,
                    "unpaid_fen": unpaid_fen,
                    **({} if lender is None else {"assigned_to": lender}),
                }
            )
    return claims


def _keys_in_force(state: State, at_ms: int) -> defaultdict[str, list[str]]:
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(state.keys):
        key = state.keys[name]
        if key.in_force(at_ms) and f"key/{name}" not in state.doubted:
            keys[key.party].append(str(key.verifier))
    return keys


def _roles_in_force(state: State, at_ms: int) -> defaultdict[str, list[str]]:
    today = local_date(at_ms, state.ledger["offset_minutes"])
    roles: defaultdict[str, list[str]] = defaultdict(list)
    for party, role in sorted(state.grants):
        if any(grant.in_force(today) for grant in state.grants[party, role]):
            roles[party].append(role)
    return roles
