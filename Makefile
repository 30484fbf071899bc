# The verbs of this project. `make help` lists them; CONTRIBUTING.md says when to use which.
#
# What is installed or built leaves a stamp inside the folder that it vouches for, so deleting the folder
# is enough to have it made again, and a second run does nothing.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

APP := .venv/.installed-app
PROGRAM := .venv/.installed-program
DEV := .venv/.installed-dev
BOT := bot/.venv/.installed-bot
BOT_DEV := bot/.venv/.installed-bot-dev
ENCODER := models/encoder/.made
WEB_PARTS := widget console
WEB := $(WEB_PARTS:%=web/%/dist/.built)
NPM := $(WEB_PARTS:%=web/%/node_modules/.installed)

# One thread each for the numeric libraries: on a small machine they fight each other for the cores.
export OMP_NUM_THREADS ?= 1
export RASA_TELEMETRY_ENABLED := false
export HF_HUB_OFFLINE ?= 1

.PHONY: help setup setup-dev run train test test-web test-bot test-app lint lint-style lint-types lint-arrow \
	lint-web lint-deploy bench lock clean

help: ## List these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(PROGRAM) $(BOT) $(ENCODER) $(WEB) ## Make both Python environments and build the web parts

setup-dev: setup $(DEV) $(BOT_DEV)

run: setup ## Start everything with the demo company; Ctrl-C stops it
	@.venv/bin/deskhand run --demo

train: $(PROGRAM) $(BOT) $(ENCODER) ## Train the assistant if its training data changed, and publish it
	@.venv/bin/deskhand train

test: setup-dev test-web test-bot test-app ## Run every test

test-web: $(NPM)
	@for part in $(WEB_PARTS); do \
		echo "== Tests of web/$$part"; npm --prefix web/$$part run --silent test || exit 1; done

test-bot: $(BOT_DEV) $(ENCODER)
	@echo "== Tests of bot/"
	@bot/.venv/bin/python -m pytest bot/tests

test-app: setup-dev
	@echo "== Tests of the app"
	@.venv/bin/python -m pytest tests

lint: lint-style lint-types lint-arrow lint-web lint-deploy ## Check style, types, imports and the deployment files

lint-style: $(DEV)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

lint-types: $(DEV) $(PROGRAM) $(BOT_DEV)
	.venv/bin/mypy
	.venv/bin/mypy --config-file bot/mypy.ini --python-executable bot/.venv/bin/python bot

lint-arrow: $(DEV) $(PROGRAM)
	.venv/bin/lint-imports

lint-web: $(NPM)
	@for part in $(WEB_PARTS); do \
		echo "== eslint and tsc of web/$$part"; npm --prefix web/$$part run --silent lint || exit 1; done

lint-deploy: $(DEV)
	.venv/bin/shellcheck scripts/*.sh deploy/*.sh .ci/run
	.venv/bin/hadolint deploy/*.Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: setup-dev ## Measure; prints one JSON object
	@.venv/bin/python -m bench

lock: ## Write requirements/*.lock anew from requirements/*.in
	scripts/lock.sh

clean: ## Remove environments, builds and caches; the data stays
	rm -rf .venv bot/.venv .tools models .rasa *.egg-info .mypy_cache .ruff_cache .pytest_cache
	rm -rf $(WEB_PARTS:%=web/%/node_modules) $(WEB_PARTS:%=web/%/dist) test-results
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# --- The Python environments

$(APP): requirements/app.lock requirements/torch.in scripts/install-python.sh
	@echo "== Environment of the app (Python 3.11): .venv"
	@scripts/install-python.sh app
	@touch $@

$(PROGRAM): pyproject.toml setup.py $(APP)
	@scripts/install-python.sh program
	@touch $@

$(DEV): requirements/dev.lock $(APP)
	@echo "== Requirements of the tests and linters"
	@scripts/install-python.sh dev
	@touch $@

$(BOT): requirements/bot.lock scripts/install-python.sh
	@echo "== Environment of the assistant (Python 3.10, Rasa): bot/.venv"
	@scripts/install-python.sh bot
	@touch $@

$(BOT_DEV): requirements/bot-dev.lock $(BOT)
	@scripts/install-python.sh bot-dev
	@touch $@

$(ENCODER): bot/encoder_graph.py bot/encoder.py $(APP) $(BOT)
	@echo "== Sentence encoder of the assistant: models/encoder"
	@bot/.venv/bin/python -m bot.encoder_graph "$$(.venv/bin/python scripts/check_encoder.py --folder)" models/encoder
	@touch $@

# --- The web parts

web/%/node_modules/.installed: web/%/package-lock.json
	@echo "== Packages of web/$*"
	@scripts/build-web.sh install $*
	@touch $@

# Folders are listed with their files, so that removing a source counts as a change too.
web_sources = $(shell find web/$(1) \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null) \
	$(shell find web/$(1)/src -type d 2>/dev/null)

define web_rule
web/$(1)/dist/.built: web/$(1)/node_modules/.installed $(call web_sources,$(1))
	@echo "== Build of web/$(1)"
	@scripts/build-web.sh build $(1)
	@touch $$@
endef
$(foreach part,$(WEB_PARTS),$(eval $(call web_rule,$(part))))

# Where a web part has no lock file, the rule above would only say "No rule to make target".
web/%/package-lock.json:
	@scripts/build-web.sh install $*
