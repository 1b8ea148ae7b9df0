# `make demo`, `make serve` and `make test` do all set-up themselves: a machine needs only Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRA_PYTEST ?=
# Runs node, npm and npx in the folder of the interface.
NODE := $(BIN)/python ui/node.py
BUILT := ui/dist/index.html
BUILT_FROM := $(shell find ui/src ui/public -type f ! -name schema.d.ts) docs/openapi.json \
	ui/index.html ui/package.json ui/tsconfig.json ui/vite.config.ts

.PHONY: demo serve ui test format lint types test-ui unit test-slow test-clients bench bench-service bench-interface bench-quick bench-full clean
# Two ways lead to the packages of the interface, and each begins by deleting them.
.NOTPARALLEL:

# The stamps make installation happen once, and again when pyproject.toml changes.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Wherefrom needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	WHEREFROM_WITHOUT_INTERFACE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

demo: $(VENV)/installed
	@$(BIN)/python data/demo.py

# PORT=9000 listens there.
serve: $(VENV)/installed ui
	@$(BIN)/python data/serve.py

# Node.js is the machine's own if it is recent enough, else it comes from PyPI.
$(VENV)/installed-node: $(VENV)/installed pyproject.toml
	@$(NODE) >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check --group ui
	@touch $@

# The packages that build the interface; those that test it as well are a second stamp.
ui/node_modules/installed: ui/package-lock.json | $(VENV)/installed-node
	$(NODE) npm ci --omit=dev --loglevel=error
	@touch $@

ui/node_modules/installed-dev: ui/package-lock.json | $(VENV)/installed-node
	$(NODE) npm ci --loglevel=error
	@touch ui/node_modules/installed $@

ui: $(BUILT)

$(BUILT): ui/node_modules/installed $(BUILT_FROM)
	$(NODE) npm run --silent build -- --logLevel warn

test: format lint types test-ui unit

format: $(VENV)/installed-dev
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ." >&2; exit 1; }

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check --quiet .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

test-ui: ui/node_modules/installed-dev $(BUILT)
	@$(NODE) npm run --silent check > $(VENV)/test-ui.log 2>&1 || { cat $(VENV)/test-ui.log >&2; exit 1; }

# Kernels are compiled once, in all cores, rather than by every worker of pytest. The tests of a file stay in one
# worker, since each worker would start a service, a client or a browser's page for them.
unit: $(VENV)/installed-dev ui/node_modules/installed-dev $(BUILT)
	@$(BIN)/wherefrom warm --quiet
	@$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not clients" $(EXTRA_PYTEST)

# The slow tests of extraction train a model: torch and transformers are their own stamp, being large.
$(VENV)/installed-models: $(VENV)/installed-dev pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group models
	@touch $@

test-slow: $(VENV)/installed-dev $(VENV)/installed-models ui/node_modules/installed-dev $(BUILT)
	@$(BIN)/wherefrom warm --quiet
	@$(BIN)/pytest -n 2 --dist loadfile -m slow $(EXTRA_PYTEST)

$(VENV)/installed-clients: $(VENV)/installed-dev pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group clients
	@touch $@

# RECORD=1 keeps what the clients send, for the tests that send it again without them.
test-clients: $(VENV)/installed-clients
	@$(BIN)/wherefrom warm --quiet
	@RECORD=$(RECORD) $(BIN)/pytest -m clients tests/clients $(EXTRA_PYTEST)

$(VENV)/installed-bench: $(VENV)/installed-dev pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

bench: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py

bench-service: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --parts serving gateway ingesting formats

bench-interface: $(VENV)/installed-bench ui/node_modules/installed-dev $(BUILT)
	@$(BIN)/python benchmarks/run.py --parts interface

bench-quick: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --scale quick

bench-full: $(VENV)/installed-bench
	@$(BIN)/python benchmarks/run.py --scale full

clean:
	rm -rf $(VENV) build dist ui/dist ui/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
