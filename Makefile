# What a person or a machine does with this repository. `make` alone explains itself.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV  := .venv
TOOLS := .venv-tools
BIN   := $(VENV)/bin
READY := $(VENV)/.ready

# The lock names all there is: nothing has to be looked for. What came is compiled on all cores, which pip does on one.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# A start that may not write beside the sources would otherwise compile all of them, each time. Where they cannot be, it still does.
COMPILE = $(BIN)/python -m compileall -q -j 0 bots runtime storage || \
	echo "Some of Mallard's sources could not be compiled: whatever starts does it again, and takes longer." >&2

# The packages that hold Python by now: mypy refuses to be pointed at an empty folder.
TYPED := $(foreach d,bots runtime storage bench tests,$(if $(shell find $(d) -name '*.py' 2>/dev/null | head -n 1),$(d)))

# Set PYTHON to choose an interpreter; otherwise the first that runs and is new enough is taken.
CANDIDATES := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3)

##@ Use

.PHONY: run
run: $(READY) ## Set everything up and start the agent
	@$(BIN)/mallard up

##@ Develop

.PHONY: test
test: check ## Every check, then every test; CAPTURE=file writes what the loopbacks saw
	@$(BIN)/python -m tests $(if $(CAPTURE),--capture $(CAPTURE))

.PHONY: check
check: $(READY) ## Style, format, types and import directions; no tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers 2 $(TYPED)
	$(BIN)/lint-imports --no-logo

.PHONY: fmt
fmt: $(READY) ## Format, and mend what can be mended by itself
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: promises
promises: $(READY) ## Print which test proves which promise, and what is still unproven
	@$(BIN)/python -m tests.promises

##@ Measure

.PHONY: bench
bench: $(READY) ## Measure speed; never part of the tests
	@$(BIN)/python -m bench

.PHONY: soak
soak: $(READY) ## Run for a long time under load and faults, and count what was lost
	@$(BIN)/python -m bench.soak

##@ Keep

.PHONY: setup
setup: $(READY) ## Only make the virtual environment, and compile (the targets above do so by themselves)
	@$(COMPILE)

.PHONY: lock
lock: $(TOOLS)/bin/uv ## Choose the newest versions again and write requirements.lock
	$(TOOLS)/bin/uv --no-config pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --upgrade --no-header --no-annotate --quiet --output-file requirements.lock

.PHONY: clean
clean: ## Remove everything that can be made again; settings and databases stay
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo

# Finding an interpreter means running it: a name on the path may be a stub that answers nothing.
define find_python
found=; \
for python in $(CANDIDATES); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
done; \
if [ -z "$$found" ]; then \
	echo "Mallard needs Python 3.11 or newer; tried: $(CANDIDATES). Install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; \
fi; \
if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	echo "$$found has no venv module. On Debian and Ubuntu: apt install python3-venv. Or name another: make PYTHON=/path/to/python3.11" >&2; exit 1; \
fi
endef

$(READY): requirements.lock pyproject.toml
	@$(find_python); \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Making $(VENV) with $$("$$found" --version)"; \
		"$$found" -m venv --clear $(VENV); \
	fi
	@$(INSTALL) --require-hashes -r <(sed -n '/^pip==/,/[^\\]$$/p' requirements.lock)  # an old one looks twice as long for the rest
	$(INSTALL) --require-hashes --no-compile -r requirements.lock
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true  # what a package has that is no Python stays as it is, as with pip
	$(INSTALL) --no-build-isolation -e .
	@$(COMPILE)
	@touch $@

$(TOOLS)/bin/uv:
	@$(find_python); "$$found" -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv
