"""OCDS over HTTP: pages of releases, one release, records, our extension, downloads."""

import json
from pathlib import Path
from typing import Any

import pytest
from official import OWN_EXTENSION, Verdict, judge
from shell import sunledger
from starlette.testclient import TestClient

from api.http.service import Service
from ledger.intake.parsing import parse
from projections.ocds.extensions import OWN_PATH

CLEAN = Verdict({}, [], {})


def releases_by_pages(client: TestClient, limit: int) -> list[dict[str, Any]]:
    """Follow the links from the first page until there is nothing new."""
    found: list[dict[str, Any]] = []
    address = f"/v1/ocds/releases?limit={limit}"
    while True:
        answer = client.get(address)
        if answer.status_code == 204:
            assert answer.links["next"]["url"].endswith(address.removeprefix("http://testserver"))
            return found
        assert answer.status_code == 200
        found += answer.json()["releases"]
        address = answer.links["next"]["url"].removeprefix("http://testserver")


def test_following_pages_gives_every_release_once_by_position(
    client: TestClient, city_file: Path, tmp_path: Path
) -> None:
    """Whatever their size; they are those of the download and of the command."""
    every = client.get("/v1/exports/ocds-releases.json").json()["releases"]
    positions = [release["ledgerEvent"]["position"] for release in every]
    in_order = [release for _, release in sorted(zip(positions, every, strict=True), key=_first)]
    for limit in (7, 100):
        assert releases_by_pages(client, limit) == in_order
    out = tmp_path / "releases.json"
    ended = sunledger(
        *("export", "ocds", "--out", out, "--public-url", "http://testserver"),
        *("--db", f"sqlite:///{city_file}"),
    )
    assert ended.code == 0, ended.err
    assert json.loads(out.read_bytes())["releases"] == every


def _first(pair: tuple[int, dict[str, Any]]) -> int:
    return pair[0]


def test_what_is_downloaded_passes_the_official_checker(client: TestClient, tmp_path: Path) -> None:
    """Pages, one release, one record, and everything at once."""
    record = client.get("/v1/ocds/records/t-2025-01")
    ocid = record.json()["records"][0]["ocid"]
    assert client.get(f"/v1/ocds/records/{ocid}").json() == record.json()
    event = record.json()["records"][0]["releases"][-1]["id"]
    paths = (
        "ocds/releases?after=10&limit=20",
        f"ocds/releases/{event}",
        "ocds/records/t-2025-01",
        "ocds/records/t-2025-01?linked=true",
        "exports/ocds-releases.json",
        "exports/ocds-records.json",
        "exports/ocds-records.json?linked=true",
    )
    files = []
    for number, path in enumerate(paths):
        answer = client.get(f"/v1/{path}")
        assert answer.status_code == 200, path
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(answer.content)
    assert dict(zip(paths, judge(files), strict=True)) == dict.fromkeys(paths, CLEAN)


def test_a_link_of_a_record_leads_to_its_release(client: TestClient) -> None:
    """Each address gives a package in which the release of its fragment is the only one."""
    (linked,) = client.get("/v1/ocds/records/t-2025-01?linked=true").json()["records"]
    (whole,) = client.get("/v1/ocds/records/t-2025-01").json()["records"]
    assert len(linked["releases"]) == len(whole["releases"])
    for link, release in list(zip(linked["releases"], whole["releases"], strict=True))[:5]:
        address, _, fragment = link["url"].partition("#")
        answer = client.get(address.removeprefix("http://testserver"))
        assert answer.json()["releases"] == [release]
        assert fragment == release["id"]
        assert (link["date"], link["tag"]) == (release["date"], release["tag"])
        proof = release["ledgerEvent"]["proof"].removeprefix("http://testserver")
        assert client.get(proof).status_code == 200


def test_compiled_releases_come_one_a_line(client: TestClient) -> None:
    """They are those of the records, amounts digit for digit."""
    lines = client.get("/v1/exports/ocds-compiled.jsonl").text.splitlines()
    records = parse(client.get("/v1/exports/ocds-records.json").text)["records"]
    assert [parse(line) for line in lines] == [record["compiledRelease"] for record in records]


def test_our_extension_is_served_where_packages_declare_it(client: TestClient) -> None:
    """Both of its files."""
    declared = client.get("/v1/ocds/records/t-2025-01").json()["extensions"]
    assert f"http://testserver{OWN_PATH}" in declared
    for name in ("extension.json", "release-schema.json"):
        path = OWN_PATH.replace("extension.json", name)
        assert client.get(path).content == (OWN_EXTENSION / name).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "releases/019b0000-0000-7000-8000-000000000000",
        "releases/x",
        "records/none",
        "extension/other.json",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    """In one sentence, or as a parameter that is none."""
    assert client.get(f"/v1/ocds/{path}").status_code in {400, 404}


def test_an_event_that_gives_no_release_has_none(client: TestClient, service: Service) -> None:
    """The genesis is no part of a contracting process."""
    genesis = service.projections.feed.genesis.id
    assert client.get(f"/v1/ocds/releases/{genesis}").status_code == 404
