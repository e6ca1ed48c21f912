# Civicline. `make run` starts everything; `make test` runs every test. See CONTRIBUTING.md for the rest.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run run-voice setup test lint types format bench docs screenshots lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "make %-12s %s\n", $$1, $$2 }'

run: ## Start Civicline on http://127.0.0.1:8000 (first start: installs, builds, seeds the demo town)
	@$(PYTHON) scripts/bootstrap.py run
	@exec $(BIN)/python -m civicline serve

run-voice: ## The same with a telephone exchange of its own (fetches Asterisk 22 when there is none)
	@$(PYTHON) scripts/bootstrap.py run
	@$(BIN)/python -m civicline voice fetch
	@$(BIN)/python -m civicline demo --telephones >/dev/null
	@CIVICLINE_VOICE_MODE=embedded exec $(BIN)/python -m civicline serve

setup: ## Install all that development and the tests need
	@$(PYTHON) scripts/bootstrap.py test

test: setup ## Run every test on both databases and in a browser
	@$(BIN)/python scripts/run_tests.py

lint: setup ## Style and import rules
	@$(BIN)/python scripts/run_tests.py lint

types: setup ## Type checks of Python and TypeScript
	@$(BIN)/python scripts/run_tests.py types

format: setup ## Put code in its standard shape
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format --quiet .
	@npm run --silent format

bench: setup ## Measure, and print the figures with the machine's description
	@$(BIN)/python scripts/run_benchmarks.py

docs: setup ## Write the generated pages of the documentation, and check all links
	@$(BIN)/python scripts/write_docs.py

screenshots: setup ## Take pictures of every page (needs Chromium)
	@$(BIN)/python scripts/screenshots.py

lock: setup ## Choose newer versions within the ranges of pyproject.toml (needs uv)
	@uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--no-emit-index-url pyproject.toml -o requirements.lock
	@uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--no-emit-index-url --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove everything that was made, but not var/ (the data)
	rm -rf .venv node_modules src/civicline/web/static/build .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
