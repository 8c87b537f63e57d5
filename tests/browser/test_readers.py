"""Who reads the portal, and what each comes for: a citizen, an accountant, offices of the city."""

import json
import subprocess
from pathlib import Path

import needs
import pytest
from browser.conftest import Visit
from browser.town import Town
from browser.visitor import NARROW, WIDE, Language, Visitor
from shell import sunledger

from api.codes import PAYMENT_STATUS, WAITS_FOR, WAITS_TOLD
from api.portal.teller import PageTeller

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check-event-proof.sh"

SCREENS = [
    ("zh", NARROW, "postgres"),
    ("en", WIDE, "sqlite"),
    ("zh", WIDE, "sqlite"),
    ("en", NARROW, "postgres"),
]
on_every_screen = pytest.mark.parametrize(("language", "width", "database"), SCREENS)
in_both_languages = pytest.mark.parametrize(("language", "width", "database"), SCREENS[:2])


def download(person: Visitor, link: str, folder: Path) -> Path:
    """Take the file that a link of the page leads to."""
    with person.page.expect_download() as taken:
        person.page.locator(link).first.click()
    path = folder / taken.value.suggested_filename
    taken.value.save_as(path)
    return path


def verdict(person: Visitor, proof: Path, policy: str) -> str:
    """Verify a file on the page for it; return what kind of answer comes."""
    page = person.page
    page.locator("[name=proof]").set_input_files(proof)
    page.locator("[name=policy]").fill(policy)
    page.locator("#verify button:not([type])").click()
    result = page.locator("#result[data-kind]")
    result.wait_for()
    kind = result.get_attribute("data-kind")
    person.picture(f"verified {kind}")
    page.reload()
    return str(kind)


def status(person: Visitor, address: str) -> int:
    """Return how the server answers this person at an address of the API."""
    return person.page.request.get(f"{person.town.url}{address}").status


@on_every_screen
def test_a_citizen_follows_the_money_and_believes_nobody(
    town: Town, visit: Visit, tmp_path: Path, language: Language, width: int
) -> None:
    """From the first page to contract, line and programme; then proofs are checked three ways."""
    citizen = visit(town, language, width)
    page, say = citizen.page, PageTeller(language)
    page.goto(f"{town.url}/")  # leads to the page in the language of the browser
    assert f"/{language}/overview" in page.url
    stages = citizen.record()["years"][0]["stages"]
    assert say.money(stages["paid_fen"], "CNY") in citizen.main()
    citizen.picture("overview")
    page.locator(".places a[href$='/contracts']").click()
    page.locator("main tbody a[href*='/contracts/']").first.click()
    page.wait_for_url("**/contracts/*")
    address, contract = page.url, citizen.record()["file"]["contract"]
    assert contract["number"] in citizen.heading()
    assert say.money(contract["paid_minor"], "CNY") in citizen.main()
    citizen.picture("contract")
    page.locator("main a[href*='/funds/']").first.click()
    page.wait_for_url("**/funds/*")
    assert citizen.record()["fund"]["line"] in citizen.heading()
    citizen.picture("line")
    page.goto(address)
    page.locator("main a[href*='/programmes/']").first.click()
    page.wait_for_url("**/programmes/*")
    assert say.name(citizen.record()["programme"]["titles"], "") in citizen.heading()
    citizen.picture("programme")

    page.goto(address)
    state = download(
        citizen, f"#proof a[href='/v1/contracts/{contract['contract']}/proof']", tmp_path
    )
    event = download(citizen, "#timeline a[href^='/v1/events/']", tmp_path)
    policy = town.policy
    written = tmp_path / "policy"
    written.write_text(policy.encode())
    page.locator("#proof a[href$='/verify']").click()
    for proof in (state, event):
        assert verdict(citizen, proof, policy.encode()) == "good"
        assert verdict(citizen, proof, "") == "unsure"
        checked = sunledger("check", proof, "--policy", written)
        assert checked.code == 0, checked.err
    assert policy.genesis is not None
    assert needs.openssl()
    command = ["/bin/sh", str(SCRIPT), str(event), str(policy.logs[0].key), policy.genesis.hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")

    # A proof that was touched is none, to all three.
    body = event.read_text()
    at = body.index("contract", len(body) // 4)
    event.write_text(body[:at] + "contracT" + body[at + 8 :])
    assert verdict(citizen, event, policy.encode()) == "bad"
    assert sunledger("check", event, "--policy", written).code == 1
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 1


@in_both_languages
def test_an_accountant_sees_where_the_money_is(
    town: Town, visit: Visit, language: Language, width: int
) -> None:
    """Its contracts, what its payments wait for, why one came back; drafts of its own alone."""
    cut = town.cut
    accountant, say = visit(town, language, width), PageTeller(language)
    accountant.sign_in(f"{cut.provider}/office-2025")
    page = accountant.goto(f"contracts?provider={cut.provider}")
    listed = accountant.record()["items"]
    assert cut.contract in {each["contract"] for each in listed}
    page.locator(f"main tbody a[href$='/contracts/{cut.contract}']").first.click()
    page.wait_for_url(f"**/contracts/{cut.contract}")
    payments = accountant.record()["payments"]
    for payment in payments:
        row = page.locator(f"#payments tr:has-text('{payment['payment']}')").first.inner_text()
        for words in (
            say.code(PAYMENT_STATUS, payment["status"]),
            say.code(WAITS_FOR, payment["waits_for"]),
            say.figure(payment["paid_fen"], "CNY"),
        ):
            assert words in row
    assert any(payment["waits_for"] for payment in payments)
    page.locator("#payments").scroll_into_view_if_needed()
    accountant.picture("payments")
    rejected = next(each for each in payments if each["status"] == "rejected")
    page.locator(f"#payments a[href$='/payments/{rejected['payment']}']").click()
    page.wait_for_url("**/payments/*")
    assert say.code(WAITS_TOLD, rejected["waits_for"]) in accountant.main()
    assert rejected["explanation"] in accountant.main()
    accountant.picture("where the money is")

    returned = [{"visit": cut.visit, "amount_fen": 1}]
    event = {"type": "claim.agreed", "claim": cut.claim, "returned": returned}
    data = town.statement(event, "purchaser", others=(cut.provider,))
    answered, body = town.server.ask("/v1/drafts", "POST", data)
    assert answered == 201, body
    draft = json.loads(body)["id"]
    accountant.goto("inbox")
    accountant.page.locator(f"a[href$='/inbox/{draft}']").click()
    accountant.page.wait_for_url(f"**/inbox/{draft}")
    assert cut.claim in accountant.main()
    accountant.picture("draft")
    auditor = visit(town, language, width)
    auditor.sign_in("auditor")
    auditor.goto(f"inbox/{draft}", status=404)


@in_both_languages
@pytest.mark.parametrize("office", ["finance", "auditor"])
def test_supervisors_see_what_the_public_does_not(
    town: Town, visit: Visit, office: str, language: Language, width: int
) -> None:
    """People, visits and approvers are for finance and auditors; to others they are not there."""
    cut, contract = town.cut, f"contracts/{town.cut.contract}"
    reader, citizen = visit(town, language, width), visit(town, language, width)
    reader.sign_in(office)
    for person in (reader, citizen):
        person.goto(contract)
        person.page.locator("#timeline").scroll_into_view_if_needed()
        person.picture(f"timeline of {'all' if person is reader else 'the public'}")
    types = [
        {each["event"]["type"] for each in person.record()["timeline"]["items"]}
        for person in (reader, citizen)
    ]
    assert types[0] & {"visit.recorded", "visit.confirmed"}
    assert not types[1] & {"visit.recorded", "visit.confirmed"}
    for address in (
        "/v1/beneficiaries",
        "/v1/approvers",
        f"/v1/contracts/{cut.contract}/history-proof",
    ):
        assert (status(reader, address), status(citizen, address)) == (200, 404)
    reader.goto("session")
    reader.page.locator("form[action$='/session/end'] button").click()
    reader.page.locator("#note").wait_for()
    assert status(reader, "/v1/beneficiaries") == 404


@in_both_languages
def test_an_evaluator_compares_output_with_money(
    town: Town, visit: Visit, language: Language, width: int
) -> None:
    """What a programme promised, delivered and cost; and how a contract's service was scored."""
    evaluator, say = visit(town, language, width), PageTeller(language)
    evaluator.sign_in("evaluator")
    page = evaluator.goto("programmes")
    page.locator("main tbody a[href*='/programmes/']").first.click()
    page.wait_for_url("**/programmes/*")
    found = evaluator.record()
    for indicator in found["indicators"]:
        assert indicator["indicator"] in evaluator.main()
    assert sum(each["units"] for each in found["delivered"]) > 0
    assert say.money(found["programme"]["paid_fen"], "CNY") in evaluator.main()
    evaluator.picture("programme")
    evaluator.goto(f"contracts/{town.cut.contract}")
    scores = evaluator.record()["scores"]
    assert scores
    for score in scores:
        assert score["score"] in evaluator.main()
        assert say.rate(score["total_ppm"]) in evaluator.main()
    evaluator.picture("scores")
