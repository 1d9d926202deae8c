.DEFAULT_GOAL := help
.PHONY: help setup tools run up down test check types template quick deployed simulated scan controls sbom audit secrets workflow simulate fuzz bench format recorded events deploy lock clean

BIN := .venv/bin
ENV ?= dev
SOURCES := layers/runtime/cancellations layers/runtime/trim layers/config/python workbench tests functions
SLOW := tests/stack/running tests/e2e
PROOF := tests/simulation/test_simulation.py tests/undocumented
OTHERS := $(addprefix --ignore=,$(SLOW) $(PROOF))
EXPORT := export --quiet --locked --no-default-groups --no-emit-project --no-header --format requirements.txt
# The uv that workbench/setup.sh installed, or the one it fell back to.
UV = $(firstword $(wildcard .tools/bin/uv .tools/pip/bin/uv) uv)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the environments (every other target does it too)
	@workbench/setup.sh

run: setup ## Bring the stack up, show five deliveries and what becomes of them, stop it
	@$(BIN)/cancelctl run

up: setup ## Bring the stack up and leave it running
	@$(BIN)/cancelctl local up --detach

down: ## Stop what `make up` left running
	@workbench/setup.sh .venv
	@$(BIN)/cancelctl local down

test: setup scan quick ## Run every test, and let checkov scan the template
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target deployed simulated

deployed:
	$(BIN)/pytest -m stack --durations=15 tests/bench tests/contracts tests/house tests/supply
	$(BIN)/pytest --durations=15 $(SLOW)

simulated:
	nice -n 10 $(BIN)/pytest --durations=5 $(PROOF)

check: ## Format, lint, types and the quick tests, in a minute or two
	@workbench/setup.sh .venv
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	@$(MAKE) --no-print-directory --jobs 3 types template quick

types:
	$(BIN)/mypy layers/runtime/cancellations workbench tests
	@for script in layers/runtime/trim/*.py; do $(BIN)/mypy "$$script" || exit 1; done
	@for door in functions/*/app.py; do $(BIN)/mypy "$$door" || exit 1; done

template:
	$(BIN)/cfn-lint template.yaml

quick:
	$(BIN)/pytest --quiet --numprocesses auto -m 'not stack' $(OTHERS)

tools:
	@workbench/setup.sh .tools .venv

scan: tools ## Let checkov scan the template, before and after SAM has transformed it
	@UV=$(UV) PYTHONPATH=tests $(BIN)/python -m controls scan

controls: ## Write the controls of the template into docs/security.md
	@workbench/setup.sh .venv
	@PYTHONPATH=tests $(BIN)/python -m controls write

sbom: ## Write the bill of materials of each layer (build/sbom) and the licences (docs/licenses.md)
	@workbench/setup.sh .tools .venv
	@$(BIN)/python -m supply sbom

audit: ## Ask PyPI for known vulnerabilities of what ships: needs the network
	@workbench/setup.sh .tools .venv
	@$(BIN)/python -m supply audit

secrets: ## Look for secrets in the repository
	@workbench/setup.sh .tools .venv
	@$(BIN)/python -m supply secrets

workflow: ## Let zizmor judge the example workflow
	@workbench/setup.sh .tools .venv
	@$(BIN)/python -m supply workflow

simulate: ## Two million random runs of the ledger protocol under faults, on two cores
	@workbench/setup.sh .venv
	PYTHONPATH=tests $(BIN)/python -m simulation random --seeds 2000000 --workers 2

fuzz: tools ## Ten million inputs to whatever reads what strangers and configurations write, guided by coverage, on two cores
	UV_PROJECT_ENVIRONMENT=.venv-fuzz $(UV) sync --quiet --locked --no-default-groups --group asymmetric --group fuzz
	PYTHONPATH=tests .venv-fuzz/bin/python -m fuzz --runs 10000000 --workers 2

bench: setup ## Measure the functions as they are built, beside the peers: table, figures and docs/performance.md
	@workbench/setup.sh .venv-bench .venv-naive .venv-powertools
	$(BIN)/python -m bench --write

format: ## Format, and mend what lint can mend
	@workbench/setup.sh .venv
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

recorded: ## Record what this version leaves in table and queue, for the tests of upgrades
	@workbench/setup.sh .venv
	PYTHONPATH=tests $(BIN)/python -m upgrades

events: ## Make the samples in events/ anew, from workbench/trial/gallery
	@workbench/setup.sh .venv
	$(BIN)/python -m trial.gallery

deploy: setup ## Check configuration and secrets, build and deploy to AWS: make deploy ENV=dev
	$(BIN)/cancelctl sources check --environment $(ENV)
	PATH="$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build --config-env $(ENV)
	PATH="$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam deploy --config-env $(ENV)

lock: tools ## Lock the dependencies anew and export the layers', with hashes
	$(UV) lock
	$(UV) $(EXPORT) -o layers/runtime/requirements.txt
	$(UV) $(EXPORT) --only-group asymmetric -o layers/asymmetric/requirements.txt

clean: ## Stop all stacks and remove all that was made here, environments included
	@for state in .local/*/; do \
		[ -x $(BIN)/cancelctl ] && [ -d "$$state" ] || continue; \
		$(BIN)/cancelctl local down --name "$$(basename "$$state")" || exit 1; \
	done
	rm -rf .local .aws-sam .venv .venv-bench .venv-fuzz .venv-naive .venv-powertools .venv-stack .venv-sam .tools
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
