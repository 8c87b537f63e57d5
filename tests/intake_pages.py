"""docs/ocds-in.md: what an import takes, what it finds fault with, and what it sets aside."""

from collections.abc import Iterator

from ledger.intake.defects import REASONS, SENTENCES
from ledger.intake.ocds import MAX_ASIDE, MAX_FILE_BYTES, MAX_RELEASE_BYTES
from ledger.intake.parsing import MAX_DEPTH
from ledger.intake.reading import MAX_ITEMS

HEAD = f"""\
# OCDS in

`sunledger import ocds FILE_OR_FOLDER…` reports what others published: each release becomes one
event `release.reported`, signed by a reporter, with the release word for word. It says that this
publisher said this, not that it happened. What is published clean or dirty comes in alike; what is
wrong is told beside it.

- **Files**: releases, release packages, records and record packages of OCDS 1.0 and 1.1, alone, in
  arrays, one behind the other or as JSON Lines; UTF-8, UTF-16 and UTF-32 with or without a byte
  order mark; bytes that are no UTF-8 are read as Windows-1252. Folders are read to the bottom in
  the order of their names, hidden files passed over. A pipe is read when it is named:
  `zcat all.jsonl.gz | sunledger import ocds /dev/stdin`.
- **Records**: the embedded releases and the compiled release are taken. Releases that a record only
  links to are not fetched, which is told; its versioned release repeats them and is left out.
- **Broken files**: the complete releases before a break are imported, the break is set aside with
  its line, and reading goes on at the next line that begins an object or an array.
- **Twice**: a report is the same by publisher, ocid, release id and content; what the ledger has is
  left out, so an import that was interrupted is simply run again.
- **Limits**: a file {MAX_FILE_BYTES >> 20} MiB, a document {MAX_ITEMS:,} items, a release
  {MAX_RELEASE_BYTES:,} bytes and {MAX_DEPTH} levels. A file of which {MAX_ASIDE:,} places were set
  aside, more than were read, is given up. Beside a file's text little memory is taken, whatever it
  holds.

## What counts

All that is reported stays readable with its standing. Status and money of a process
are made of the reports that count:

- Of several reports under one release id the latest that was imported. What was changed under the
  id is a case of [F42](flags/f42.md).
- A release without id is known by its date: a later file's replace an earlier file's; those of one
  file all count.
- A compiled release beside its releases in one file is their summary and does not count. Any other
  counts in place of what the same publisher dated no later.
- Releases may come in any order, over many files: they are merged by their dates, those without a
  date before all others.

A contract, award or payment is the same one in all releases that give it the same id, or, without
an id, the same place in its list. Amounts are integers of the currency's minor unit; sums never mix
currencies; payments back are negative and are subtracted. A payment without a date or with amount
zero counts as it stands; one whose amount cannot be read is not counted, which is told.

Figures and dates that contradict each other are shown as red flags: [F42](flags/f42.md).

## Defects

In `import-report/defects.ndjson` (`--out` names another folder), a line a release: file, place,
ocid, release id, and of each defect the code, the place inside the release and the sentence. A
published contract shows its own. Words in braces are facts.

| code | sentence |
|---|---|
"""

MIDDLE = """
## Set aside

In `import-report/quarantine.ndjson`: the file, the line and place, the reason and how the text
begins there.

| reason | sentence |
|---|---|
"""

FOOT = """
This page is made from `ledger/intake` by `python tests/pages.py`.
"""


def intake_page() -> str:
    """Return the page."""
    return (
        HEAD + "\n".join(_rows(SENTENCES)) + "\n" + MIDDLE + "\n".join(_rows(REASONS)) + "\n" + FOOT
    )


def _rows(sentences: dict[str, str]) -> Iterator[str]:
    for code, sentence in sentences.items():
        yield f"| `{code}` | {sentence} |\n"
