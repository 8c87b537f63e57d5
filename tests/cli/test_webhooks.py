"""`sunledger webhook`: added with a secret that is shown once, listed, tried, resumed, removed."""

from collections.abc import Iterator

import pytest
from receiver import Receiver
from shell import URL, sunledger

from api.http.webhooks.store import Webhook, WebhookStore
from ledger.store.store import open_store
from projections.catalogue import open_projections

pytestmark = pytest.mark.usefixtures("ledger_folder")

ADDRESS = "https://bureau.example/ledger"
SINCE_MS = 1_772_352_000_000


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Give a receiver on this machine, and allow it."""
    monkeypatch.setenv("SUNLEDGER_WEBHOOK_PRIVATE", "1")
    with Receiver() as receiver:
        yield receiver


def added(*options: object) -> dict[str, object]:
    """Add a webhook; return what was said of it."""
    found: dict[str, object] = sunledger("webhook", "add", *options, "--json").document
    return found


def fail(webhook: object, error: str, stopped_ms: int | None) -> None:
    """Have a webhook fail, as the sender keeps it."""
    with open_store(URL) as store, open_projections(store) as projections:
        webhooks = WebhookStore(projections.database)
        found = webhooks.find(str(webhook))
        assert isinstance(found, Webhook)
        assert webhooks.failed(found, error, SINCE_MS, stopped_ms)


def test_a_secret_is_shown_once() -> None:
    """Each is another; no list, document or finding has it again."""
    first, second = added(ADDRESS), added(ADDRESS)
    secrets = [str(each["secret"]) for each in (first, second)]
    assert len({*secrets}) == 2
    assert all(len(bytes.fromhex(each)) == 32 for each in secrets)
    told = sunledger("webhook", "add", ADDRESS)
    assert told.code == 0
    assert "Its secret, which is not shown again: " in told.out
    for command in (("webhook", "list"), ("webhook", "list", "--json"), ("doctor",)):
        out = sunledger(*command).out
        assert str(first["id"]) in out
        assert not any(each in out for each in secrets)
    removed = sunledger("webhook", "remove", first["id"], "--json")
    assert "secret" not in removed.document


def test_a_webhook_is_told_what_comes_after_it_was_added_or_what_it_lacks() -> None:
    """By default from the head on; `--after` what the receiver has."""
    with open_store(URL) as store:
        events = store.head().positions
    assert added(ADDRESS)["position"] == events
    found = added(ADDRESS, "--after", 2, "--type", "payment.settled", "--type", "claim.submitted")
    assert (found["position"], found["types"]) == (2, ["claim.submitted", "payment.settled"])
    listed = sunledger("webhook", "list", "--json").document
    assert [each["position"] for each in listed] == [events, 2]
    assert {each["state"] for each in listed} == {"well"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "http://bureau.example/"), "webhook_private"),
        (("add", "https://127.0.0.1/"), "webhook_private"),
        (("add", ADDRESS, "--after", "999999"), "and not yet 999999"),
        (("add", ADDRESS, "--type", "nothing.known"), "no event type nothing.known"),
        (("add", ADDRESS, "--type", "visit.recorded"), "not for everybody"),
        (("remove", "000000000000"), "there is no webhook 000000000000"),
        (("resume", "000000000000"), "there is no webhook 000000000000"),
        (("test", "000000000000"), "there is no webhook 000000000000"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(arguments: tuple[str, ...], why: str) -> None:
    """Nothing is kept of it."""
    ended = sunledger("webhook", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert why in ended.err
    assert sunledger("webhook", "list", "--json").document == []


def test_a_webhook_is_tried_by_a_signed_batch_without_events(receiver: Receiver) -> None:
    """It moves nothing; what the receiver answers is told."""
    found = added(receiver.url, "--after", 1)
    ended = sunledger("webhook", "test", found["id"])
    assert (ended.code, ended.out.strip()) == (0, f"{receiver.url} took it.")
    (posted,) = receiver.requests
    assert posted.is_signed_by(str(found["secret"]))
    assert (posted.batch["after"], posted.batch["reached"], posted.positions) == (1, 1, [])
    receiver.answers = lambda _posted: 401
    ended = sunledger("webhook", "test", found["id"])
    assert ended.code == 1
    assert "did not take it: the receiver answered 401" in ended.err


def test_why_a_webhook_fails_and_that_it_was_stopped_is_told() -> None:
    """In the list and by the doctor, until it is resumed."""
    failing, stopped = added(ADDRESS)["id"], added(ADDRESS)["id"]
    fail(failing, "the receiver answered 500", None)
    fail(stopped, "the receiver answered 410", SINCE_MS)
    states = {each["id"]: each for each in sunledger("webhook", "list", "--json").document}
    assert (states[failing]["state"], states[stopped]["state"]) == ("failing", "stopped")
    assert states[stopped]["error"] == "the receiver answered 410"
    assert "the receiver answered 410" in sunledger("webhook", "list").out
    doctor = sunledger("doctor", "--json")
    findings = {each["subject"]: each for each in doctor.document}
    assert doctor.code == 1
    assert findings[f"webhook {failing}"]["level"] == "warning"
    assert "1 times since 2026-03-01T08:00:00" in findings[f"webhook {failing}"]["sentence"]
    assert findings[f"webhook {stopped}"]["level"] == "wrong"
    assert "the receiver answered 410" in findings[f"webhook {stopped}"]["sentence"]
    assert sunledger("webhook", "resume", stopped).code == 0
    findings = {each["subject"]: each for each in sunledger("doctor", "--json").document}
    assert findings[f"webhook {stopped}"]["level"] == "ok"
