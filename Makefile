# What a person does with this project. Needs git, make and Python >= 3.11; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint types format catalogue bench bench-alerts bench-alerts-loo bench-forecast soak audit lock clean
.DEFAULT_GOAL := help

help: ## Show what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 demo" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The locked dependencies, then the project itself.
$(VENV)/.run: $(VENV)/.python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run tests/requirements.lock
	$(PIP) install --require-hashes -r tests/requirements.lock
	@touch $@

demo: $(VENV)/.run ## See all of it working, without any account (ARGS="--port 9000")
	@exec $(BIN)/pool-stats demo $(ARGS)

# Most tests wait for processes and sockets more than they compute, hence more of them at once than two cores would do.
test: lint types ## Everything that must pass: lint, types, import contract, tests
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

lint: $(VENV)/.dev ## Style and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## Types
	$(BIN)/mypy

format: $(VENV)/.dev ## Put the code into the project's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

catalogue: $(VENV)/.dev ## Collect the sentences that the bot says, and compile their translations
	$(BIN)/python -m tests.catalogue

bench: $(VENV)/.dev ## Measure, and print ratios against a floor measured in the same run
	$(BIN)/python -m tests.benchmarks

bench-alerts: $(VENV)/.dev ## How right the shipped rules are on labelled recordings (LABELLED=FOLDER)
	$(BIN)/python -m tests.benchmarks.alerts $(LABELLED)

bench-forecast: $(VENV)/.dev ## How often the forecast of a queue keeps its range on recordings (RECORDED="FILE …")
	$(BIN)/python -m tests.benchmarks.forecast $(RECORDED)

bench-alerts-loo: $(VENV)/.dev ## How right they are on a cluster that their constants were not chosen on (LABELLED=FOLDER, QUICK=1)
	$(BIN)/python -m tests.benchmarks.left_out $(LABELLED) $(if $(QUICK),--quick)

soak: $(VENV)/.dev ## All tests with new examples, and those that take minutes; a table of messages lost and doubled
	$(BIN)/python -m pytest -m "soak or not soak" --hypothesis-profile=soak $(ARGS)

# --strict: what the service does not know is no clean bill.
audit: $(VENV)/.dev ## Ask PyPI for known weaknesses of what is locked (needs its network; not part of test)
	$(BIN)/uv tool run pip-audit==2.10.1 --strict --require-hashes --disable-pip -r requirements.lock

lock: $(VENV)/.dev ## Resolve the dependencies, newer ones only where it must (UPGRADE=1 for the newest)
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --extra teams --extra cluster --extra traces --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --extra teams --extra cluster --extra traces --group dev --constraint requirements.lock --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) --output-file tests/requirements.lock
	$(BIN)/uv pip compile tests/manifests/requirements.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) --output-file tests/manifests/requirements.lock

clean: ## Forget the environment and what was built
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
