# Everything that a developer or a pipeline does here; `make` alone lists it.
# Needs Python 3.11 or newer (PYTHON=... names another one than python3), and Go where no Pulumi CLI is installed.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up test check mutants coverage format bench lock clean

help: ## List what `make` can do
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name does; do \
		printf '  make %-9s %s\n' "$$name" "$$does"; done

up: .venv/installed ## Reimage three simulated machines with the real Pulumi engine; again reimages again
	@$(BIN)/python -m tools.quickstart

test: .venv/installed ## Run every test; ARGS="-k ..." chooses some
	@$(BIN)/python tools/pulumi_cli.py >/dev/null
	@$(BIN)/python -m pytest $(ARGS)

check: .venv/installed ## Check format, lint, types and the imports between rooms
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	@# Without the variable it asks a registry for a newer version of itself.
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

mutants: .venv/installed ## Change the product one line at a time; the exploration must find each fault
	@$(BIN)/python -m tests.protocol.mutants $(ARGS)

coverage: .venv/installed ## Run the tests that need no engine; fail if a room's branch coverage has fallen
	@$(BIN)/python -m tools.coverage_by_room $(ARGS)

format: .venv/installed ## Format, and fix what the linter can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/installed ## Measure how long many machines take, and what they cost (not a test)
	@$(BIN)/python -m bench.imports $(ARGS)
	@$(BIN)/python -m bench.simulator
	@$(BIN)/python -m tests.faults.coverage
	@$(BIN)/python -m bench.preview $(ARGS)
	@$(BIN)/python -m bench $(ARGS)

lock: .venv/installed ## Write the locks again; ARGS=--upgrade chooses newer versions
	$(LOCK) --output-file requirements.lock $(ARGS)
	$(LOCK) --output-file requirements-dev.lock --group dev --constraint requirements.lock $(ARGS)

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

clean: ## Remove what was made here; the CLI in your cache folder stays
	rm -rf .venv .pulumi-local .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	rm -f Pulumi.local.yaml examples/quickstart/*.sqlite3*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A changed lock is a new environment, so that it holds what the lock names and nothing else.
.venv/locked: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Installing the locked requirements into .venv: about half a minute, once."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
