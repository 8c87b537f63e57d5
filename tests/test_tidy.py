"""The house style, where a machine can check it (style.md 6, 11, 14, 27).

A check takes one source file and yields its offences as `path:line: what`. `OFFENCES` holds a
small offence for each, so that a check which has gone blind fails too.
"""

import ast
import functools
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("ledger", "projections", "api")
MAX_FILE_LINES = {"ledger": 400, "projections": 400, "api": 400, "bench": 400, "tests": 700}
MAX_FUNCTION_LINES = 60
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "for " + "now")
REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
MACHINE_FOLDERS = ("work", "farm", "root")


class Source(NamedTuple):
    """A tracked text file."""

    path: str
    text: str

    @property
    def area(self) -> str:
        """The top-level folder."""
        return self.path.split("/")[0]

    @property
    def in_core(self) -> bool:
        """Whether the file belongs to the pure part of the ledger."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[0] == "ledger" and not set(parts[1:2]) & _shell()


@functools.cache
def _shell() -> frozenset[str]:
    """Return the parts of `ledger` that import-linter lets import files, clocks and databases."""
    contracts = _project()["tool"]["importlinter"]["contracts"]
    ignored = [line for contract in contracts for line in contract.get("ignore_imports", ())]
    return frozenset(line.split()[0].split(".")[1] for line in ignored)


@functools.cache
def _project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _tracked() -> Iterator[Source]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            yield Source(name, path.read_text(encoding="utf-8"))


def long_file(source: Source, _tree: ast.Module) -> Iterator[str]:
    """Yield a file that has grown past one concept."""
    limit = MAX_FILE_LINES.get(source.area)
    lines = source.text.count("\n")
    if limit and lines > limit:
        yield f"{source.path}:{lines}: more than {limit} lines"


def long_function(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield functions that do not fit a screen."""
    for node in _functions(tree):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield f"{source.path}:{node.lineno}: {node.name} has {length} lines"


def floating_point(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield floats in the ledger; in its core also `/`, which makes them (paths live outside)."""
    if source.area != "ledger":
        return
    for node in _located(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or (isinstance(node, ast.Name) and node.id == "float"):
            yield f"{source.path}:{node.lineno}: float"
        divides = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if divides and source.in_core:
            yield f"{source.path}:{node.lineno}: division that yields a float"


def assertion(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield assert statements outside the tests: `python -O` would drop them."""
    if source.area in PRODUCT:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert):
                yield f"{source.path}:{node.lineno}: assert"


def untold_test(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield tests that do not say in a sentence what they show."""
    if source.area == "tests":
        for node in _functions(tree):
            told = (ast.get_docstring(node) or "").partition("\n\n")[0].endswith(".")
            if node.name.startswith("test_") and not told:
                yield f"{source.path}:{node.lineno}: {node.name} has no sentence"


def hidden_skip(source: Source, tree: ast.Module) -> Iterator[str]:
    """Yield tests that skip on their own: only tests/needs.py knows when CI may not."""
    if source.area == "tests" and source.path != "tests/needs.py":
        for node in _located(tree):
            name = getattr(node, "attr", getattr(node, "id", ""))
            if name in {"skip", "skipif", "xfail", "importorskip"}:
                yield f"{source.path}:{node.lineno}: {name}"


def unfinished(source: Source, _tree: ast.Module) -> Iterator[str]:
    """Yield marks of unfinished work; the one that is a currency too only in comments."""
    yield from _matching(source, rf"\b(?:{'|'.join(UNFINISHED)})\b|#.*\bX{{3}}\b")


def machine_path(source: Source) -> Iterator[str]:
    """Yield paths that exist on the machine of whoever wrote the file, and nowhere else."""
    here = "|".join(map(re.escape, {str(ROOT), sys.prefix, str(Path.home())} - {"/", "/usr"}))
    yield from _matching(source, rf"(?<![\w.])(?:/(?:{'|'.join(MACHINE_FOLDERS)})/|{here}\b)")


def registry_host(source: Source) -> Iterator[str]:
    """Yield hosts of package registries: where packages come from is the machine's matter."""
    yield from _matching(source, "|".join(r"\.".join(host) for host in REGISTRIES))


def _located(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt):
            yield node


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _matching(source: Source, pattern: str) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        for found in re.finditer(pattern, line):
            yield f"{source.path}:{number}: {found.group()}"


PYTHON_CHECKS = (
    long_file,
    long_function,
    floating_point,
    assertion,
    untold_test,
    hidden_skip,
    unfinished,
)
TEXT_CHECKS = (machine_path, registry_host)
# check, path, text: one offence each
OFFENCES = (
    ("long_file", "ledger/money.py", "x = 1\n" * 401),
    ("long_function", "api/pages.py", "def f() -> None:\n" + "    g()\n" * 60),
    ("floating_point", "ledger/money.py", "x = 0.5\n"),
    ("floating_point", "ledger/store/rows.py", "def f(x: float) -> None: ...\n"),
    ("floating_point", "ledger/rules/claim.py", "y = x / 2\n"),
    ("assertion", "projections/funds.py", "assert x\n"),
    ("untold_test", "tests/test_x.py", "def test_x() -> None:\n    assert f()\n"),
    ("hidden_skip", "tests/test_x.py", "import pytest\npytest.skip('no Go')\n"),
    ("unfinished", "ledger/money.py", f"# {UNFINISHED[0]}: round\n"),
    ("unfinished", "ledger/money.py", f"x = {'X' * 3}  # {'X' * 3}\n"),
    ("machine_path", "docs/x.md", f"see /{MACHINE_FOLDERS[0]}/main\n"),
    ("machine_path", "docs/x.md", f"see {ROOT}\n"),
    ("registry_host", "docs/x.md", f"from {'.'.join(REGISTRIES[0])}\n"),
)


def _offences(name: str, sources: list[Source]) -> list[str]:
    found: list[str] = []
    for source in sources:
        for text_check in TEXT_CHECKS:
            if text_check.__name__ == name:
                found += text_check(source)
        if source.path.endswith(".py"):
            tree = ast.parse(source.text, source.path)
            for check in PYTHON_CHECKS:
                if check.__name__ == name:
                    found += check(source, tree)
    return found


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Read every tracked file once."""
    return list(_tracked())


@pytest.mark.parametrize("check", [c.__name__ for c in (*PYTHON_CHECKS, *TEXT_CHECKS)])
def test_no_tracked_file_offends(check: str, sources: list[Source]) -> None:
    """No file of the repository breaks this rule of the house."""
    assert _offences(check, sources) == []


@pytest.mark.parametrize(("check", "path", "text"), OFFENCES)
def test_a_check_sees_its_offence(check: str, path: str, text: str) -> None:
    """A planted offence is reported once: a check that passes everything is no check."""
    assert len(_offences(check, [Source(path, text)])) == 1


def test_every_dependency_is_pinned_with_its_hash() -> None:
    """The locks hold exact versions with hashes, no address, and agree where they overlap."""
    pinned = {}
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"://|--(extra-)?index|--find-links", text)
        blocks = re.findall(
            r"^(\S+)==(\S+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*)", text, re.MULTILINE
        )
        assert all(hashes for _, _, hashes in blocks)
        assert len(blocks) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
        pinned[name] = {package: version for package, version, _ in blocks}
    assert pinned["requirements.lock"].items() <= pinned["requirements-test.lock"].items()


def test_the_build_backend_is_pinned_as_declared() -> None:
    """The backend that `pyproject.toml` calls for is the one that the locks install."""
    project = _project()
    backend = project["build-system"]["requires"]
    assert project["dependency-groups"]["build"] == backend
    for name in ("requirements.lock", "requirements-test.lock"):
        lock = (ROOT / name).read_text()
        assert all(f"\n{pin} \\\n" in lock for pin in backend)


def test_the_wheel_carries_types_and_catalogues(tmp_path: Path) -> None:
    """A built wheel holds the typing marks and every catalogue of the source tree."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    copy = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([*build, "--wheel-dir", tmp_path, copy], check=True)
    (wheel,) = tmp_path.glob("sunledger-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        str(path.relative_to(copy))
        for area in PRODUCT
        for path in (copy / area).rglob("*")
        if path.is_file()
    }
    assert expected <= held
    assert {f"{area}/py.typed" for area in PRODUCT} <= held
