"""The documentation tells of everything a user can meet, and tells it as the code has it."""

import re
from pathlib import Path

import pages
import pytest

from api.cli.main import app
from ledger.events import TYPES, Event
from ledger.refusals import REFUSALS
from ledger.settings import PREFIX, Settings
from projections.flags.catalogue import RULES

DOCS = pages.DOCS
MIN_PARAGRAPHS = 3


@pytest.mark.parametrize("page", pages.PAGES)
def test_a_page_made_from_the_code_is_up_to_date(page: str) -> None:
    """`python tests/pages.py` would change nothing."""
    assert (DOCS / page).read_text(encoding="utf-8") == pages.PAGES[page]()


def test_every_refusal_code_is_documented_with_its_cure() -> None:
    """Whoever is refused finds the code in docs/refusals.md, in the order of judgement."""
    rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", _text(DOCS / "refusals.md"), re.MULTILINE)
    assert rows == list(REFUSALS)


def test_every_event_type_and_each_of_its_fields_is_documented() -> None:
    """docs/vocabulary.md has a section an event, with a row a field of its own."""
    sections = dict(
        re.findall(
            r"^### (\S+)\n(.*?)(?=^##)", _text(DOCS / "vocabulary.md"), re.MULTILINE | re.DOTALL
        )
    )
    common = set(Event.__struct_encode_fields__)
    for name, event in TYPES.items():
        rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", sections[name], re.MULTILINE)
        own = set(event.__annotations__) & common  # a version that is not the first
        assert set(rows) == set(event.__struct_encode_fields__) - common | own, name


def test_every_setting_is_documented() -> None:
    """Each name, each variable and what it means stands in docs/settings.md."""
    rows = _text(DOCS / "settings.md").splitlines()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        (row,) = [row for row in rows if row.startswith(f"| `{name}` |")]
        assert f"`{PREFIX}{name.upper()}`" in row


COMMANDS = dict(pages.commands_of(app))


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_documented_with_each_option(path: str) -> None:
    """`docs/commands.md` has a section a command: what it does, and a row an option."""
    command = COMMANDS[path]
    section = _text(DOCS / "commands.md").partition(f"\n## {path}\n")[2].partition("\n## ")[0]
    assert command.help
    assert command.help in section
    for name, meaning in pages.parameters_of(command):
        assert meaning, f"{path} {name} has no help"
        assert f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" in section


@pytest.mark.parametrize(
    "path", [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]
)
def test_every_command_helps_with_an_example_of_itself(path: str) -> None:
    """The last line of a command's help can be typed: it begins with the command."""
    assert (COMMANDS[path].epilog or "").startswith(f"Example: {path}")


def test_every_flag_is_documented_and_no_page_is_of_none() -> None:
    """docs/flags has a page a flag, and the list of them has a row each."""
    folder = DOCS / "flags"
    assert {page.stem for page in folder.glob("f*.md")} == {rule.id for rule in RULES}
    readme = _text(folder / "README.md")
    rows = re.findall(r"^\| \[(F[0-9]{2})\]\(f[0-9]{2}\.md\) \|", readme, re.MULTILINE)
    assert [row.lower() for row in rows] == [rule.id for rule in RULES]


def test_a_flags_page_says_what_it_is_why_and_what_explains_it() -> None:
    """A page has a title, paragraphs for the rule, the reason and the innocent case, a source."""
    for rule in RULES:
        page = _text(DOCS / "flags" / f"{rule.id}.md")
        assert page.startswith(f"# {rule.id.upper()}: "), rule.id
        text = page.partition("\n| |")[0].strip()
        assert len(text.split("\n\n")) > MIN_PARAGRAPHS, rule.id
        assert rule.source in page, rule.id


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
