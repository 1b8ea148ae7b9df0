# `make demo`, `make serve` and `make test` do all set-up themselves: a machine needs only Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRA_PYTEST ?=

.PHONY: demo serve test format lint types unit test-slow bench bench-service bench-quick bench-full clean

# The stamps make installation happen once, and again when pyproject.toml changes.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wherefrom needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

demo: $(VENV)/installed
	@$(BIN)/python data/demo.py

# PORT=9000 listens there.
serve: $(VENV)/installed
	@$(BIN)/python data/serve.py

test: format lint types unit

format: $(VENV)/installed-dev
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ." >&2; exit 1; }

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check --quiet .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

# Kernels are compiled once, in all cores, rather than by every worker of pytest.
unit: $(VENV)/installed-dev
	@$(BIN)/wherefrom warm --quiet
	@$(BIN)/pytest -n 2 -m "not slow" $(EXTRA_PYTEST)

test-slow: $(VENV)/installed-dev
	@$(BIN)/pytest -m slow $(EXTRA_PYTEST)

$(VENV)/installed-bench: $(VENV)/installed-dev pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

bench: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py

bench-service: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --parts serving ingesting

bench-quick: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --scale quick

bench-full: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --scale full

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
