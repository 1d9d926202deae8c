.DEFAULT_GOAL := help
.PHONY: help setup run up down test check types template quick format lock clean

BIN := .venv/bin
SOURCES := layers/runtime/cancellations layers/config/python workbench tests functions
SLOW := tests/stack/running tests/e2e tests/browser
EXPORT := export --quiet --locked --no-default-groups --no-emit-project --no-header --format requirements.txt
# The uv that workbench/setup.sh installed, or the one it fell back to.
UV = $(firstword $(wildcard .tools/bin/uv .tools/pip/bin/uv) uv)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the environments (every other target does it too)
	@workbench/setup.sh

run: setup ## Run the whole application on this machine until Ctrl-C
	@$(BIN)/cancelctl local up

up: setup ## The same in the background
	@$(BIN)/cancelctl local up --detach

down: ## Stop it
	@workbench/setup.sh .venv
	@$(BIN)/cancelctl local down

test: setup ## Run every test
	$(BIN)/pytest

check: ## Format, lint, types and the quick tests, in less than a minute
	@workbench/setup.sh .venv
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	@$(MAKE) --no-print-directory --jobs 3 types template quick

types:
	$(BIN)/mypy layers/runtime/cancellations workbench tests
	@for door in functions/*/app.py; do $(BIN)/mypy "$$door" || exit 1; done

template:
	$(BIN)/cfn-lint template.yaml

quick:
	$(BIN)/pytest --quiet $(addprefix --ignore=,$(SLOW))

format: ## Format, and mend what lint can mend
	@workbench/setup.sh .venv
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

lock: ## Lock the dependencies anew and export the layer's, with hashes
	@workbench/setup.sh .venv
	$(UV) lock
	$(UV) $(EXPORT) -o layers/runtime/requirements.txt

clean: ## Stop all stacks and remove all that was made here, environments included
	@for state in .local/*/; do \
		[ -x $(BIN)/cancelctl ] && [ -d "$$state" ] || continue; \
		$(BIN)/cancelctl local down --name "$$(basename "$$state")" || exit 1; \
	done
	rm -rf .local .aws-sam .venv .venv-stack .venv-sam .tools
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
