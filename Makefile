# On a fresh machine with Python 3.11 or newer:
#   make bench-cpu    train the five tasks here and keep records
#   make decide       the verdict: here or in the cloud
#   make test         run all tests
# Pass through: REPEATS=1 TASKS="line fashion" RESULTS=DIR SEED=7

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CERTBENCH := $(BIN)/certbench
RESULTS ?= results
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

# An option that is misspelt would start a whole campaign.
OPTIONS := REPEATS TASKS RESULTS SEED PAIRS FORMAT PYTHON
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(OPTIONS) VENV SHELL -%,$(GIVEN))
$(if $(UNKNOWN),$(error there is no option $(UNKNOWN); there are: $(OPTIONS). \
  Another environment is another target, see `make help`))

# Runs pip, with one line in place of its own: what it installs and how long that took.
define install
@printf 'installing %s… ' '$(1)' >&2; begun=$$(date +%s); \
  $(2) && echo "$$(($$(date +%s) - begun)) s" >&2
endef

RUN = $(CERTBENCH) run --results "$(RESULTS)" \
      $(if $(REPEATS),--repeats $(REPEATS)) $(if $(SEED),--seed $(SEED)) \
      $(foreach task,$(TASKS),--task $(task))

.DEFAULT_GOAL := help
.PHONY: help setup bench-cpu bench-gpu bench-colab overhead script-overhead show decide charts publish test check \
        clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /|/' | \
	  awk -F'|' '{ printf "  make %-15s %s\n", $$1, $$2 }'
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

script-overhead: $(VENV)/.native ## what it costs an unchanged script, against the script alone [PAIRS=6]
	@$(BIN)/python benchmarks/script_overhead.py --pairs $(or $(PAIRS),6)

show: setup ## show this machine's newest campaign
	@$(CERTBENCH) show --results "$(RESULTS)"

decide: setup ## the verdict, here or in the cloud [TASKS=fashion: of one, in full]
	@$(CERTBENCH) decide --results "$(RESULTS)" $(if $(TASKS),--task "$(TASKS)")

charts: setup ## draw the charts of the records into RESULTS/charts
	@$(CERTBENCH) charts --results "$(RESULTS)" --format svg,png

publish: setup ## make the page of the records in RESULTS/site
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
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.host: requirements/host.txt pyproject.toml | $(BIN)/python
	$(call install,certbench into $(VENV),$(PIP) --require-hashes -r requirements/host.txt && \
	  $(PIP) --no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.host
	$(call install,what tests and checks need,$(PIP) --require-hashes -r requirements/dev.txt)
	@touch $@

$(VENV)/.native: requirements/worker-jax.txt $(VENV)/.dev
	$(call install,TensorFlow and JAX (700 MB),$(PIP) --require-hashes -r requirements/worker-jax.txt)
	@touch $@
