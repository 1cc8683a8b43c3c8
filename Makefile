# Everything that a developer or a pipeline runs here. `make` alone lists it.
# Needs Python 3.11 or newer (PYTHON=... replaces python3), and Go if no Pulumi CLI is installed.
# Without Go or Node.js 20, the tests of those clients of Azure are skipped. Without Go, so are those of the literal
# CLI, unless the installed CLI came with its YAML language host.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up test test-oldest test-newest test-pythons test-wheel check docs pictures schema dist sbom mutants mutate coverage format bench lock clean

help: ## List what `make` can do
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name does; do \
		printf '  make %-11s %s\n' "$$name" "$$does"; done

up: .venv/installed ## Reimage three simulated machines with the real Pulumi engine; run it again to reimage again
	@$(BIN)/python -m tools.quickstart

test: .venv/installed ## Run every test; ARGS="-k ..." chooses some
	@$(BIN)/python -m tools.yaml_host
	@$(BIN)/python -m tools.sdk_clients
	@$(BIN)/python -m tools.generated_sdks
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || echo \
		"The tests of the simulator's page are skipped: they need Debian's packages chromium and chromium-driver."
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

test-oldest: .venv-oldest/installed ## Run tests with the oldest dependencies and the oldest CLI that are supported
	@.venv-oldest/bin/python -m pytest -n auto --dist worksteal tests/unit tests/signin $(ARGS)
	@PATH="$$($(BIN)/python -m tools.pulumi_cli --oldest):$$PATH" \
		.venv-oldest/bin/python -m pytest tests/engine/test_errors.py tests/engine/test_provider.py $(ARGS)

test-newest: .venv/installed ## Run unit and sign-in tests with the newest dependencies that can be installed
	@$(BIN)/python -m tools.other_environments newest $(ARGS)

test-pythons: .venv/installed ## Run unit tests with each newer Python that is installed here, and list them
	@$(BIN)/python -m tools.other_environments pythons $(ARGS)

test-wheel: .venv/installed ## Install the wheel into an empty environment of each Python, and try it there
	@$(BIN)/python -m tools.wheel_trial

check: .venv/installed ## Check format, lint, types and the imports between rooms
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	@# Without the variable, pyright asks a registry for a newer version of itself.
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python -m tools.documents --check
	$(BIN)/python -m tools.pictures --check
	$(BIN)/python -m tools.english
	git ls-files -z -- ':!*.lock' ':!*.sum' ':!*.svg' ':!*/package-lock.json' ':!tests/contract/recordings' \
		':!tests/contract/spec' | xargs -0 $(BIN)/codespell
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml examples/pipelines/github-actions.yml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/[ab]*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.azure-pipelines --regex-variant nonunicode examples/pipelines/azure-pipelines.yml
	$(BIN)/check-jsonschema --quiet --schemafile tools/schemas/pulumi-operator-stack.json \
		examples/pipelines/operator-stack.yaml

docs: .venv/installed ## Generate the tables in the documents from the code: inputs, rules, errors and others
	@$(BIN)/python -m tools.documents

schema: .venv/installed ## Generate the schema for other languages from the component
	$(BIN)/python -m pulumi_azure_reimage.plugin.schema provider/pulumi_azure_reimage/plugin/schema.json

pictures: .venv/installed ## Draw the pictures in the documents; needs Go to build the program that draws them
	@$(BIN)/python -m tools.pictures

mutants: .venv/installed ## Change the product one line at a time; the exploration must find each fault
	@$(BIN)/python -m tests.protocol.mutants $(ARGS)

mutate: .venv/installed ## Change a room in small ways; a unit test must fail for each: make mutate ROOM=inputs
	@$(BIN)/python -m tests.mutation $(ROOM) $(ARGS)

coverage: .venv/installed ## Run the tests that need no engine; fail if a room's branch coverage has fallen
	@$(BIN)/python -m tools.coverage_by_room $(ARGS)

format: .venv/installed ## Format, and fix what the linter can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .venv/installed ## Measure how long many machines take, and what they cost (not a test)
	@$(BIN)/python -m bench.simulator
	@$(BIN)/python -m tests.faults.coverage
	@$(BIN)/python -m bench $(ARGS)

dist: .venv/installed ## Build the wheel and the sdist, and check what would be published
	@rm -rf dist
	@$(BIN)/python -m hatchling build
	@$(BIN)/twine check --strict dist/*

sbom: dist ## List what the wheel is made of: sbom.cdx.json (CycloneDX)
	@$(PYTHON) -m venv --clear .venv-sbom
	@.venv-sbom/bin/$(PIP) --require-hashes --requirement requirements-sbom.lock
	@$(PYTHON) -m venv --clear .venv-published
	@.venv-published/bin/$(PIP) --require-hashes --requirement requirements.lock
	@.venv-published/bin/$(PIP) --no-deps dist/*.whl
	@.venv-sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.cdx.json .venv-published

lock: .venv/installed ## Regenerate the locks; ARGS=--upgrade chooses newer versions
	echo "pulumi==$(SDK)" | $(LOCK) --output-file requirements.lock --constraint - $(ARGS)
	$(LOCK) --output-file requirements-dev.lock --group dev --constraint requirements.lock $(ARGS)
	$(LOCK) --output-file requirements-oldest.lock --group test --group build \
		--resolution lowest-direct --python-version 3.11 $(ARGS)
	$(COMPILE) $(CLIENT_33).in --output-file $(CLIENT_33).lock --python-version 3.11 $(ARGS)
	$(COMPILE) --group sbom --output-file requirements-sbom.lock --python-version 3.11 $(ARGS)
	$(COMPILE) examples/policy/requirements.txt --output-file tests/engine/requirements-policy.lock \
		--python-version 3.11 $(ARGS)

PIP := python -m pip install --quiet --disable-pip-version-check
SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema
# The engine tests were run with this SDK. A newer one is a separate change.
SDK := 3.272.0
CLIENT_33 := tests/contract/foreign/python/requirements-33
LOCK = $(COMPILE) pyproject.toml
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

clean: ## Remove what was made here, but keep your cache folder
	rm -rf .venv .venv-* .pulumi-local .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist sbom.cdx.json
	rm -f Pulumi.local.yaml examples/quickstart/*.sqlite3*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A changed lock makes a new environment, which then holds only what the lock names.
.venv/locked: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Installing the locked requirements into .venv: about half a minute, once."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv-oldest/installed: requirements-oldest.lock pyproject.toml .venv/installed
	@echo "Installing the oldest dependencies into .venv-oldest: about a minute, once."
	@$(PYTHON) -m venv --clear .venv-oldest
	@.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-oldest.lock
	@.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
