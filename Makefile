# What one can do here. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

ROUNDS ?= 100
CALLS ?= 200000
WORKERS ?= 2
ARGS ?=

UI_SOURCES := hatch_build.py $(wildcard frontend/*.*) $(shell find frontend/src frontend/public -type f ! -name '*.test.*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run demo ui setup test lint format schema baselines screenshots crash-test fuzz price-conformance bench-ingest bench-query bench-cost bench-sdk bench-startup bench-direct bench-gateway bench-ui clean

help: ## This list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name does; do printf '  make %-18s %s\n' "$$name" "$$does"; done

run: $(VENV)/.ready ## Set everything up and serve on http://127.0.0.1:4180 (ARGS="--port 5000" and so on).
	$(BIN)/farthing up $(ARGS)

demo: $(VENV)/.ready ## The same, filled with a month of a fictional company's traffic (CALLS=200000).
	$(BIN)/farthing demo --calls $(CALLS) $(ARGS)

ui: $(BIN)/python ## Build the web UI anew, changed or not; run and demo build it when its sources have changed.
	@FARTHING_UI=force $(PIP) install --no-deps --editable .

setup: $(VENV)/.ready-dev ## Set up what testing and checking need; the other targets do it by themselves.

test: $(VENV)/.ready-dev ## Set everything up and run all tests, WORKERS=2 files at a time (ARGS="tests/pricing -x" for some).
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 1 $(ARGS)

lint: $(VENV)/.ready-dev ## Style, types, who may import whom, the shape of files, and the web UI's own checks.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python tools/check_shape.py
	$(BIN)/python tools/check_frontend.py
	$(BIN)/lint-imports --config importlinter.toml --no-logo
	$(BIN)/pyright
	$(BIN)/pyright --project sdk/python
	# It looks for the package in the environment of the first python on the path.
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh -c 'told=$$(pyright --verifytypes farthing_sdk --ignoreexternal) || { echo "$$told"; exit 1; }'

format: $(VENV)/.ready-dev ## Put the code into the one format, and mend what can be mended by rule.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: $(VENV)/.ready-dev ## What new telemetry stores are made by, written anew from the migrations; some may be missing in it.
	$(BIN)/python tools/snapshot_schema.py

baselines: $(VENV)/.ready-dev ## Take how the UI's pages look now as how they are to look, in both themes and three widths.
	@$(PIP) install --no-deps --editable .
	$(BIN)/python -m pytest -q tests/ui/test_baselines.py --new-baselines $(ARGS)

screenshots: $(VENV)/.ready-dev ## Pictures of every page of the UI in both themes, from demo data, into docs/ui.
	@$(PIP) install --no-deps --editable .
	$(BIN)/python tools/screenshots.py $(ARGS)

crash-test: $(VENV)/.ready-dev ## Kill a loaded server ROUNDS=100 times; every acknowledged span must be there once.
	$(BIN)/python -m pytest tests/e2e/test_crash.py --timeout 0 --crash-rounds $(ROUNDS) $(ARGS)

fuzz: $(VENV)/.ready-dev ## Send 20,000 mutated bodies; none may end in a 5xx or a hang.
	$(BIN)/python -m pytest tests/e2e/test_fuzz.py --timeout 0 --fuzz-bodies 20000 $(ARGS)

price-conformance: $(VENV)/.ready-dev ## The public price cases against Farthing, litellm and genai-prices.
	$(BIN)/python tests/golden/prices/conformance.py $(ARGS)

bench-ingest: $(VENV)/.ready-dev ## Spans per second, kept and readable, beside other servers.
	$(BIN)/python -m benchmarks.ingest $(ARGS)

bench-direct: $(VENV)/.ready-dev ## Calls posted as JSON per second, one by one and in batches.
	$(BIN)/python -m benchmarks.direct $(ARGS)

bench-gateway: $(VENV)/.ready-dev ## Model calls through the gateway per second, beside LiteLLM's proxy.
	$(BIN)/python -m benchmarks.gateway $(ARGS)

bench-query: $(VENV)/.ready-dev ## How long the questions of an overview page take at 100 k, 1 M and 10 M calls.
	$(BIN)/python -m benchmarks.query $(ARGS)

bench-cost: $(VENV)/.ready-dev ## Microseconds to price a call, beside litellm and genai-prices.
	$(BIN)/python -m benchmarks.cost $(ARGS)

bench-sdk: $(VENV)/.ready-dev ## Microseconds that telling of a call adds to it, beside langfuse and openlit.
	$(BIN)/python -m benchmarks.sdk $(ARGS)

bench-startup: $(VENV)/.ready-dev ## Time to the first answer, and idle memory.
	$(BIN)/python -m benchmarks.startup $(ARGS)

bench-ui: $(VENV)/.ready-dev ## How long people wait for the web UI's pages, in a real browser, beside Phoenix.
	$(BIN)/python -m benchmarks.ui $(ARGS)

clean: ## Remove what was built or installed here; farthing-data/ stays.
	rm -rf $(VENV) .venvs-e2e build dist src/farthing/web/dist frontend/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says: this environment fits this pyproject.toml, and its UI these sources. Tests don't wait for the UI.
$(VENV)/.ready: pyproject.toml $(UI_SOURCES) $(BIN)/python
	@echo "Setting up $(VENV) and the web UI (once, and when pyproject.toml or frontend/ changes) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml sdk/python/pyproject.toml $(BIN)/python
	@echo "Setting up $(VENV) with what tests and checks need (once, and when pyproject.toml changes) ..."
	@$(PIP) install --editable '.[dev]' --editable sdk/python
	@touch $(VENV)/.ready $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Farthing needs Python 3.11 or newer, and $(PYTHON) is not. Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
