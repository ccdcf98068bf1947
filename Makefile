# Two commands: `make serve` (the page at http://127.0.0.1:7860) and `make test`. Both make .venv and install first;
# run again they start at once. Another Python: `make serve PYTHON=python3.12`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
# pip would compile the twenty thousand files on one core; a few are templates that no Python reads, and a third are
# tests and models of other people that nobody imports here.
COMPILE := $(BIN)/python -m compileall -q -j 0 -x '/tests/|/transformers/models/' .venv/lib >/dev/null || true

.PHONY: serve test coverage check gate cluster bundle bundle-check clean

serve: .venv/.installed
	$(BIN)/python app.py

# A worker a core, each with its files; the longest come first (tests/conftest.py), so that all end together.
test: .venv/.installed-test
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The same tests with every line counted: not in .ci/run, for they take longer so.
coverage: .venv/.installed-test
	$(BIN)/pytest --cov=rag --cov-report=term:skip-covered

check: .venv/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The quality gate: questions and articles of our own; `make gate UPDATE=--update` raises the floors to what was reached.
# A dialogue begins as the one before it began, and what the models say is remembered.
gate: .venv/.installed-test
	$(BIN)/python -m tests.support.remembered rag eval tests/gate/questions.jsonl tests/gate/dialogues.jsonl tests/gate/time_questions.jsonl --articles seeds tests/data/articles \
		--today 2024-12-01 --cache .venv/gate --gate tests/gate/floors.json $(UPDATE)

# One archive that installs without a network; `make bundle-check` installs it without one and asks.
bundle: .venv/.installed-mcp
	$(BIN)/python -m bundle.make dist

# Three servers over one PostgreSQL and nginx in a temporary folder: ask, kill one, ask.
cluster: .venv/.installed-test
	$(BIN)/python -m benchmarks.cluster try

bundle-check: bundle
	sh bundle/check.sh dist/youju-*.tar.gz

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Youju needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing (about two minutes the first time) …"
	$(PIP) -e .
	@$(COMPILE)
	@touch $@

.venv/.installed-mcp: .venv/.installed
	$(PIP) -e '.[mcp]'
	@touch $@

# All at once: what the tests need holds what the program needs.
.venv/.installed-test: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing (about two minutes the first time) …"
	$(PIP) -e '.[test]'
	@$(COMPILE)
	@touch .venv/.installed && touch .venv/.installed-mcp $@
