"""An agreement made in two browsers, and its money followed until the bank has paid it.

who         | where               | does
accountant  | keys                | makes a key that cannot be taken out of the browser
accountant  | sign                | enrols it: adds its line to what the office of the party signed
accountant  | session             | signs in by it
accountant  | sign                | proposes that a cut comes back (`claim.agreed`)
purchaser   | session             | signs in by a key file, in another browser
purchaser   | inbox               | reads what is agreed and signs: the ledger admits it
accountant  | inbox               | sees it admitted, with the receipt
accountant  | sign                | asks for the money (`payment.requested`)
finance     | –                   | approves and orders it
treasury    | –                   | reports that the bank has paid
accountant  | the payment         | sees each step there, and what comes next
"""

import json
from pathlib import Path

import pytest
from browser.conftest import Visit
from browser.town import PASSWORD, Town
from browser.visitor import NARROW, WIDE, Language, Visitor

from api.codes import PAYMENT_STATUS, WAITS_TOLD
from api.portal.teller import PageTeller
from ledger.identity import Ids

SCREENS: dict[str, tuple[Language, int]] = {"sqlite": ("zh", WIDE), "postgres": ("en", NARROW)}
"""In which language and width both sides read, by the database behind the server."""
HASH = "ab" * 32

TAKE_OUT = """async (name) => {
  const opening = indexedDB.open("sunledger", 1);
  await new Promise((done) => (opening.onsuccess = done));
  const asked = opening.result.transaction("keys").objectStore("keys").get(name);
  await new Promise((done) => (asked.onsuccess = done));
  const key = asked.result.privateKey;
  const ways = ["raw", "pkcs8", "jwk"].map((way) => crypto.subtle.exportKey(way, key));
  const tried = await Promise.allSettled(ways);
  return [key.extractable, ...tried.map((each) => each.status)];
}"""
"""Tries to take a key out of the browser, as a script of another's in the page would."""


def sign(person: Visitor, key: str, written: str, others: str = "", way: str = "submit") -> str:
    """Sign something by a key of the browser, and send it on; return what the page says of it."""
    page = person.goto("sign")
    page.locator("[name=events]").fill(written)
    page.locator("[name=others]").fill(others)
    page.locator("[name=key]").select_option(key)
    page.locator(f"[name=way][value={way}]").check()
    page.locator("#sign button").click()
    return told(person)


def told(person: Visitor) -> str:
    """Return what a page says of what was done; it must have been done."""
    result = person.page.locator("#result[data-kind]")
    result.wait_for()
    assert result.get_attribute("data-kind") == "good", result.inner_text()
    return result.inner_text()


def use_key_file(person: Visitor, path: Path) -> None:
    """Sign what a page is for by a key file, for this once."""
    person.page.locator("[name=keyfile]").set_input_files(path)
    person.page.locator("[name=password]").fill(PASSWORD)
    person.page.locator("#sign button").click()


def enrolled(person: Visitor, party: str) -> str:
    """Make a key in the browser, have it enrolled, and sign in by it; return its name."""
    town, name = person.town, f"{party}/accountant-{person.language}"
    page = person.goto("keys")
    page.locator("[name=name]").fill(name)
    page.locator("#make button").click()
    vkey = told(person).splitlines()[-1]
    assert page.evaluate(TAKE_OUT, name) == [False, "rejected", "rejected", "rejected"]
    person.picture("key")
    event = {
        "type": "key.enrolled",
        "party": party,
        "vkey": vkey,
        "use": "sign",
        "holder": Ids().token("holder"),
    }
    by_office = town.statement(event, f"{party}/office-2025", others=(party,))
    sign(person, name, by_office.decode())
    town.catch_up()
    page = person.goto("session")
    page.locator("[name=key]").select_option(name)
    page.locator("#sign button").click()
    page.locator("form[action$='/session/end']").wait_for()
    assert name in person.main()
    person.picture("signed in")
    return name


@pytest.mark.parametrize("database", SCREENS)
def test_two_browsers_agree_and_the_money_comes(
    town: Town, visit: Visit, tmp_path: Path, database: str
) -> None:
    """Both sides sign in browsers of their own; the payment is seen at every step to the bank."""
    language, width = SCREENS[database]
    cut = town.cut
    accountant, purchaser = (visit(town, language, width) for _ in range(2))
    key = enrolled(accountant, cut.provider)

    # One proposes.
    award = Ids().event_id(town.now_ms())
    agreed = {
        "type": "claim.agreed",
        "id": award,
        "claim": cut.claim,
        "returned": [{"visit": cut.visit, "amount_fen": cut.amount_fen}],
    }
    draft = sign(accountant, key, json.dumps(agreed), cut.buyer, "draft").splitlines()[-1]
    accountant.picture("proposed")

    # The other reads and signs.
    key_file = town.key_file(tmp_path, "purchaser")
    purchaser.goto("session")
    use_key_file(purchaser, key_file)
    purchaser.page.locator("form[action$='/session/end']").wait_for()
    purchaser.page.locator("main a[href$='/inbox']").click()
    purchaser.page.locator(f"a[href$='/inbox/{draft}']").click()
    for what in (cut.claim, cut.visit, key):
        assert what in purchaser.main()
    purchaser.picture("to sign")
    use_key_file(purchaser, key_file)
    told(purchaser)
    town.catch_up()
    accountant.goto(f"inbox/{draft}")
    assert accountant.record()["status"] == "admitted"
    assert accountant.page.locator("a[href*='/proof']").count() == 1
    accountant.picture("admitted")

    # What was agreed is asked for, approved, ordered, paid.
    payable_fen = town.ask(f"/v1/claims/{award}")["claim"]["payable_fen"]
    assert 0 < payable_fen <= cut.amount_fen
    payee, number = town.accounts[cut.provider]
    payment = f"{cut.contract}-agreed-{language}"
    order = {"payment": payment, "principal_fen": payable_fen, "payee": payee}
    asked = {"type": "payment.requested", **order, "contract": cut.contract, "claims": [award]}
    sign(accountant, key, json.dumps(asked))
    town.catch_up()
    follow(accountant, payment, "requested")
    town.submit({"type": "payment.approved", "payment": payment}, "finance")
    follow(accountant, payment, "approved")
    bank_file = {"message_id": f"MSG-{language}", "sha256": HASH}
    town.submit({"type": "payment.ordered", **order, **bank_file}, "payments")
    follow(accountant, payment, "ordered")
    paid = {"value_date": "2025-11-14", "creditor": number, "sha256": HASH}
    town.submit({"type": "payment.settled", "payment": payment, **paid}, "treasury")
    follow(accountant, payment, "settled")
    assert PageTeller(language).money(payable_fen, "CNY") in accountant.main()


def follow(person: Visitor, payment: str, status: str) -> None:
    """See on the page of a payment how far it is, and what it waits for."""
    say = PageTeller(person.language)
    person.await_text(f"payments/{payment}", say.code(PAYMENT_STATUS, status), "h1")
    waits_for = person.record()["file"]["payment"]["waits_for"]
    assert say.code(WAITS_TOLD, waits_for) in person.main()
    person.picture(status)
