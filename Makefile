# Two commands do everything; the machine needs git, make and python3-venv (Python 3.11 or newer).
#
#   make demo   install what the ledger runs on, then make and verify a small city's year
#   make test   install the checkers too, then run every check
#   make soak   run the random tests for long, from a fresh seed; SEED=17 runs that one again
#
# An environment is built anew when its lock or pyproject.toml changed, else used as it stands.
# `make lock` (needs uv) resolves the locks again; nobody else needs it.

PYTHON ?= python3
UV ?= uv

SEEDS ?= 2000

RUN := .venv/bin
TEST := .venv-test/bin
COMPILE := $(UV) pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet
LOCK := $(COMPILE) pyproject.toml --group build

.DELETE_ON_ERROR:
.PHONY: demo test soak lock

demo: .venv/installed
	$(RUN)/sunledger demo --force

# Whole files to a process, in the order of tests/conftest.py: the longest first.
test: .venv-test/installed .venv-checkers/installed
	$(TEST)/ruff check
	$(TEST)/ruff format --check
	$(TEST)/mypy
	$(TEST)/lint-imports
	$(TEST)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# A seed of the shell's, so that make prints it with the command that runs it again.
soak: .venv-test/installed
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; \
	echo "seed $$seed; the same again: make soak SEED=$$seed"; \
	$(TEST)/python -m pytest tests/simulation tests/law/test_machine.py \
		--seed $$seed --seeds $(SEEDS) --hypothesis-seed $$seed

.venv/installed: requirements.lock pyproject.toml
.venv-test/installed: requirements-test.lock pyproject.toml

# The lock first, each file checked against its hash; then the project alone, built by the backend
# that the lock just installed. Editable, so that a changed source needs no new installation.
.venv/installed .venv-test/installed:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Checkers under the GPL and AGPL: programs that tests run as processes of their own, never imported.
.venv-checkers/installed: requirements-checkers.lock
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra otel --extra spark --extra test --constraint requirements.lock --output-file requirements-test.lock
	$(COMPILE) requirements-checkers.in --output-file requirements-checkers.lock
