"""Deterministic simulation: 200 seeds of faults, late letters and two writers.

    python -m pytest tests/simulation                         the seeds 0 to 199
    python -m pytest tests/simulation --seed 17               one seed; a failure prints its steps
    python -m pytest tests/simulation --seed 1000 --seeds 50  fifty others

What a step does and what holds after each is told in run.py.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from simulation.faults import FAULTS
from simulation.run import STEP_KINDS, STEPS, Base, make_base, run

from ledger.group import Group
from ledger.writer import Writer

SEEDS = 200
SEEDS_FOR_MISTAKES = range(40, 60)
TESTS = Path(__file__).parents[1]
REFUSALS = (
    "claim_empty",
    "claim_figures_differ",
    "claim_in_live_payment",
    "claim_not_open",
    "guard_broken",
    "key_revoked",
    "key_taken",
    "key_unknown",
    "payment_wrong_state",
    "promises_exceed_commitment",
    "signatures_do_not_match_signers",
    "statement_expired",
    "statement_from_the_future",
    "value_date_outside",
)
OUTCOMES = ("receipt", "StoreUnavailable", "OutcomeUnknown", "Stopped", "garbled")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every seed a test of its own."""
    if "seed" in metafunc.fixturenames:
        first, count = metafunc.config.getoption("seed"), metafunc.config.getoption("seeds")
        if count is None:
            count = SEEDS if first is None else 1
        metafunc.parametrize("seed", range(first or 0, (first or 0) + count))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Make the ledger from which every seed begins."""
    return make_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """Count what comes up in all seeds together."""
    return Counter()


def test_whatever_fails_the_history_is_whole(seed: int, base: Base, met: Counter[str]) -> None:
    """After every step the log verifies, nothing acknowledged is lost, and the books agree."""
    simulation = run(seed, base)
    assert simulation.met["audits"] <= STEPS[-1] + 1
    met.update(simulation.met)


def test_every_fault_and_every_answer_came_up(met: Counter[str]) -> None:
    """The seeds of CI together meet each step, fault, outcome and refusal at least twice."""
    if met["end"] < SEEDS:
        return  # a few seeds, asked for by hand
    wanted = [*STEP_KINDS, *FAULTS, "checkpoint_lost", *OUTCOMES, *REFUSALS]
    assert [each for each in wanted if met[each] < 2] == []


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_steps_in_another_process(
    base: Base, tmp_path: Path, hash_seed: str
) -> None:
    """Nothing but the seed decides: not the order of sets, the threads or the machine's clock."""
    script = (
        "import sys; from pathlib import Path; from simulation.run import make_base, run\n"
        "print('\\n'.join(run(3, make_base(Path(sys.argv[1]))).trace))"
    )
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == run(3, base).trace


def _undo_all_but_the_time(self: Writer, before: tuple[int, int], group: Group) -> None:
    self.state.undo(before[0])
    self._tree, self._tiling = group.tree_before, group.tiling_before


MISTAKES: dict[str, tuple[str, Callable[..., object]]] = {
    "an unknown outcome is taken for a commit": ("_learn_outcome", lambda *_: None),
    "a refusal is not judged on the newest head": ("_check_refusals", lambda *_: None),
    "what a lost group did to the tree stays": (
        "_undo",
        lambda self, before, _group: self.state.undo(before[0]),
    ),
    "the time of a lost group stays": ("_undo", _undo_all_but_the_time),
    "a statement in the log already is not looked for": ("_known", lambda *_: None),
}
"""Mistakes in the writer: its method, and what it does instead."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_writer_is_found(
    mistake: str, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some seeds find it, and tell seed, steps and how to replay them."""
    method, instead = MISTAKES[mistake]
    monkeypatch.setattr(Writer, method, instead)

    def run_some() -> None:
        for seed in SEEDS_FOR_MISTAKES:
            run(seed, base)

    with pytest.raises(AssertionError, match=r"replay it: .* --seed \d+") as caught:
        run_some()
    assert "verified" in str(caught.value)
