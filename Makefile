# The main job (`make gate`), our own tests (`make test`), and what they need. Everything is installed into $(VENV).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TARGET ?=
PROFILE ?=
GATE_OPTIONS ?=
TEST_OPTIONS ?=
POWER_OPTIONS ?=
BENCH_OPTIONS ?=
DIFFERENCES_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help gate test power bench differences check lint-spec readme clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

# The stamp is newer than what it depends on, so a second run installs nothing. Nothing is compiled ahead: a quarter of the
# installation's time would go into 4,000 modules of which a gate imports a third.
$(VENV)/.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …" >&2; exit 64; }
	@echo "setting up $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# make exits with 2 whenever a recipe fails, which is our code for "unknown". So the gate runs while make reads its
# makefiles (as the recipe of an included one), and a failure is handed on as what make calls "not up to date": 1.
VERDICT := reports/out/.verdict.mk
ifneq ($(filter gate,$(MAKECMDGOALS)),)
ifeq ($(MAKE_RESTARTS)$(findstring n,$(firstword -$(MAKEFLAGS))),)
$(VERDICT): $(VENV)/.stamp FORCE
	@mkdir -p $(@D)
	@$(BIN)/python -m reports gate $(if $(TARGET),--target $(TARGET)) $(if $(PROFILE),--profile $(PROFILE)) $(GATE_OPTIONS); echo "STATUS := $$?" > $@
FORCE:
endif
-include $(VERDICT)
endif
ifeq ($(STATUS),1)
MAKEFLAGS += -q
endif

gate: ## contracts, load and reconnect; the exit code is the verdict (TARGET=https://… for a real server)
	@exit $(STATUS)

test: $(VENV)/.stamp ## our own tests, a process a core (TEST_OPTIONS=…; python -m pytest runs them in one)
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(TEST_OPTIONS)

power: $(VENV)/.stamp ## every fault alone against the checks that it names, stock Schemathesis beside: reports/out/power.md, .json (POWER_OPTIONS=…)
	@$(BIN)/python -m tests.power $(POWER_OPTIONS)

differences: $(VENV)/.stamp ## the suite through a stranger's proxy: harmless differences and faults, reports/out/differences.md (DIFFERENCES_OPTIONS=…)
	@$(BIN)/python -m tests.differences $(DIFFERENCES_OPTIONS)

bench: $(VENV)/.stamp ## speed, size and accuracy beside nginx, Prism, Mockoon and json-server: reports/out/bench.md (BENCH_OPTIONS=…)
	@$(BIN)/python -m tests.bench $(BENCH_OPTIONS)

check: $(VENV)/.stamp ## format, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

lint-spec: $(VENV)/.stamp ## Spectral, Redocly and openapi-spec-validator on both documents, actionlint on the workflow
	@PYTHON=$(BIN)/python contracts/lint/lint.sh

readme: $(VENV)/.stamp ## write the README's tables again
	@$(BIN)/python -m tests.house.readme

clean: ## remove the environment and all artifacts
	rm -rf $(VENV) reports/out .pytest_cache .hypothesis .mypy_cache .ruff_cache
