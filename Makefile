# The main job (`make gate`), our own tests (`make test`), and what they need. Everything is installed into $VENV.
# make knows one code for a failure, 2, whatever the code of the command; it prints that one (`Error 1` is a FAIL).
# Where the code itself counts, call `python -m reports gate`.

# macOS has GNU make 3.81, which knows neither `override export` nor .SHELLFLAGS (its shell goes on after a failure and expands
# patterns), and a sed without \t; so a recipe of several commands, or with the user's options, begins with $(strict).
# What a user says reaches the recipes through the environment, where the shell neither splits nor runs it; `value` keeps make
# from expanding it. Only the *_OPTIONS are split, at white space, and even those are never run.
TARGET ?=
PROFILE ?=
PYTHON ?= python3
VENV ?= .venv
GATE_OPTIONS ?=
TEST_OPTIONS ?=
POWER_OPTIONS ?=
BENCH_OPTIONS ?=
DIFFERENCES_OPTIONS ?=
override TARGET := $(value TARGET)
override PROFILE := $(value PROFILE)
override PYTHON := $(value PYTHON)
override VENV := $(value VENV)
override GATE_OPTIONS := $(value GATE_OPTIONS)
override TEST_OPTIONS := $(value TEST_OPTIONS)
override POWER_OPTIONS := $(value POWER_OPTIONS)
override BENCH_OPTIONS := $(value BENCH_OPTIONS)
override DIFFERENCES_OPTIONS := $(value DIFFERENCES_OPTIONS)
export TARGET PROFILE PYTHON VENV GATE_OPTIONS TEST_OPTIONS POWER_OPTIONS BENCH_OPTIONS DIFFERENCES_OPTIONS
override SHELL := /bin/sh
override strict := set -ef;
override python := "$$VENV/bin/python"
override tools := "$$VENV/tools/bin"

# `make -i` and `make -t` would exit with 0 although nothing passed.
ifneq ($(filter gate test,$(MAKECMDGOALS)),)
ifneq ($(findstring i,$(firstword -$(MAKEFLAGS)))$(findstring t,$(firstword -$(MAKEFLAGS))),)
$(error make -i and make -t hide what gate and test find; run make without them)
endif
endif

.DEFAULT_GOAL := help
.PHONY: help tools setup gate test power bench differences check lint-spec readme lock sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s  %s\n", $$1, $$2 }' Makefile

# The stamp is newer than what it depends on, so a second run installs nothing. Nothing is compiled ahead: a quarter of the
# installation's time would go into 4,000 modules of which a gate imports a third. Only where nothing may be compiled later
# (container images like to say so) that third is: it halves the start of every command.
override starts := load.locustfile, load.proxy.__main__, mock_server.__main__, reports.commands.gate_command, contracts.suite.hooks, \
	contracts.suite.schemathesis.link_walk, contracts.suite.programs.model_program, contracts.suite.programs.lost_answer_programs
setup: ## the environment that all other targets use
	@$(strict) if [ "$$VENV/.stamp" -nt requirements.lock ] && [ "$$VENV/.stamp" -nt pyproject.toml ]; then exit 0; fi; \
	"$$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: '$$PYTHON' is not Python 3.11 or newer, which is needed; say which: make PYTHON=python3.12 ..." >&2; exit 64; }; \
	echo "setting up $$VENV (once)"; \
	[ -x $(python) ] || "$$PYTHON" -m venv "$$VENV"; \
	$(python) -m pip install --quiet --no-compile --disable-pip-version-check --requirement requirements.lock; \
	$(python) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	if [ -n "$$PYTHONDONTWRITEBYTECODE" ]; then unset PYTHONDONTWRITEBYTECODE; $(python) -c 'import $(starts)'; $(python) -m pytest -q --collect-only contracts >/dev/null; fi; \
	touch "$$VENV/.stamp"

gate: setup ## contracts, load and reconnect, and a verdict (TARGET=https://... for a real server; make exits with 0 for PASS, else with 2)
	@$(strict) $(python) -m reports gate $${TARGET:+--target "$$TARGET"} $${PROFILE:+--profile "$$PROFILE"} $$GATE_OPTIONS

# Half of a test's time is the wait for a process of ours, so there are two of them a core.
test: setup ## our own tests, two processes a core (TEST_OPTIONS=...; python -m pytest runs them in one)
	@$(strict) PYTEST_XDIST_AUTO_NUM_WORKERS=$$($(python) -c 'import os; print(2 * (os.cpu_count() or 1))') $(python) -m pytest --numprocesses auto --dist worksteal $$TEST_OPTIONS

power: setup ## every fault alone against the checks that it names, stock Schemathesis beside: reports/out/power.md, .json (POWER_OPTIONS=...)
	@$(strict) $(python) -m tests.power $$POWER_OPTIONS

differences: setup ## the suite through a stranger's proxy: harmless differences and faults, reports/out/differences.md (DIFFERENCES_OPTIONS=...)
	@$(strict) $(python) -m tests.differences $$DIFFERENCES_OPTIONS

bench: setup ## speed, size and accuracy beside nginx, Prism, Mockoon and json-server: reports/out/bench.md (BENCH_OPTIONS=...)
	@$(strict) $(python) -m tests.bench $$BENCH_OPTIONS

check: setup ## format, lint, types
	@"$$VENV/bin/ruff" format --check .
	@"$$VENV/bin/ruff" check .
	@"$$VENV/bin/mypy"

lint-spec: setup ## Spectral, Redocly and openapi-spec-validator on both documents, actionlint on the workflow
	@PYTHON="$$VENV/bin/python" contracts/lint/lint.sh

readme: setup ## write the README's tables again
	@$(python) -m tests.repo_rules.readme

# uv and CycloneDX's tool have an environment of their own, so that neither is a part of what it pins and lists. uv keeps the versions
# that stand in the lock; `--upgrade` takes newer ones. With hashes in it, pip installs nothing that the lock does not name.
tools: setup
	@$(strict) [ -x $(tools)/uv ] || { $(python) -m venv "$$VENV/tools"; $(tools)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 cyclonedx-bom==7.5.0; }

lock: tools ## pin what pyproject.toml asks for in requirements.lock, with the hashes of all files of each version, for every system
	@$(tools)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

sbom: tools ## what is installed, with licences, as CycloneDX JSON: reports/out/sbom.json
	@mkdir -p reports/out
	@$(tools)/cyclonedx-py environment "$$VENV" --pyproject pyproject.toml --mc-type application --output-reproducible --output-file reports/out/sbom.json

clean: ## remove the environment and all artifacts
	rm -rf -- "$$VENV" reports/out .pytest_cache .hypothesis .mypy_cache .ruff_cache
