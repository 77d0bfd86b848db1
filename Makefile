# Two commands do everything on a fresh machine with Python 3.11 or newer:
#   make bench-cpu    train the five tasks here and keep records
#   make test         run all tests
# Pass through: REPEATS=1 TASKS="line fashion" RESULTS=DIR SEED=7

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CERTBENCH := $(BIN)/certbench
RESULTS ?= results
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

RUN = $(CERTBENCH) run --results "$(RESULTS)" \
      $(if $(REPEATS),--repeats $(REPEATS)) $(if $(SEED),--seed $(SEED)) \
      $(foreach task,$(TASKS),--task $(task))

.DEFAULT_GOAL := help
.PHONY: help setup bench-cpu bench-gpu bench-colab overhead show test check clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /|/' | \
	  awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo '  Options: REPEATS=3 TASKS="line fashion" RESULTS=results SEED=1 PYTHON=python3'

setup: $(VENV)/.host ## make .venv with .venv/bin/certbench

bench-cpu: setup ## train the tasks in the CPU container (natively where there is no engine)
	@$(RUN) --env cpu --fallback native

bench-gpu: setup ## train the tasks in the GPU container
	@$(RUN) --env gpu

bench-colab: setup ## train the tasks in a container with Colab's versions and limits
	@$(RUN) --env colab-like

overhead: $(VENV)/.native ## what the harness costs against plain Keras [PAIRS=6 FORMAT=json]
	@$(BIN)/python benchmarks/overhead.py $(TASKS) --pairs $(or $(PAIRS),6) --format $(or $(FORMAT),table)

show: setup ## show this machine's newest campaign
	@$(CERTBENCH) show --results "$(RESULTS)"

charts: setup ## draw the charts of the records into results/charts
	@$(CERTBENCH) charts --results "$(RESULTS)" --format svg,png

publish: setup ## make the page of the records in results/site
	@$(CERTBENCH) publish --results "$(RESULTS)"

test: $(VENV)/.native ## run all tests; those that need an engine say so where there is none
	$(BIN)/python -m pytest

check: $(VENV)/.dev ## lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean: setup ## remove our images and containers; records stay
	@$(CERTBENCH) clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'certbench needs Python 3.11 or newer: make PYTHON=python3.13 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.host: requirements/host.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/host.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.host
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.native: requirements/worker.txt $(VENV)/.dev
	$(PIP) --require-hashes -r requirements/worker.txt
	@touch $@
