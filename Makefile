# Two commands for newcomers: make demo, make test. Paths are relative: they may hold spaces.
comma := ,
PYTHON ?= python3
SEARCH ?= $(if $(ELASTICSEARCH_URL)$(ELASTICSEARCH_URLS),elasticsearch,database)
ON_ELASTICSEARCH = $(filter elasticsearch,$(SEARCH))
RUN = .venv/bin/python -m dev_services run $(if $(STATE),--state '$(STATE)')
# What SEARCH says wins over the environment.
SITE = $(if $(ON_ELASTICSEARCH),$(RUN),env -u ELASTICSEARCH_URL -u ELASTICSEARCH_URLS $(RUN)) \
	--services postgresql$(if $(ON_ELASTICSEARCH),$(comma)elasticsearch) -- .venv/bin/python testproject/manage.py
TOX = .venv/bin/tox
STAMP = .venv/made
# Where .venv was made: its programs name that folder, so a renamed clone needs another.
MADE := $(shell .venv/bin/python -c "" 2>/dev/null && cat $(STAMP) 2>/dev/null)
HERE := $(shell pwd -P)

export UV_PYTHON_DOWNLOADS = never

.DEFAULT_GOAL := help
.PHONY: again help demo manage test lint bench chosen-search search-client

help:
	@echo "make demo    the site on http://127.0.0.1:8000/   (PORT=8001, SEARCH=elasticsearch, ARGS=--once or --reset)"
	@echo "make manage  a command of the site                 (ARGS='changepassword admin')"
	@echo "make test    every suite on throw-away services     (ARGS='packages/ixdjango -- -k deploy')"
	@echo "make lint    style, types and documentation"
	@echo "make bench   every benchmark against its peer"

# The stamp is written last: without it a .venv is half-made and begun anew.
$(STAMP): uv.lock $(if $(subst x$(HERE),,x$(MADE)),again)
	@$(PYTHON) tools/check_python.py
	@test "$(if $(subst x$(HERE),,x$(MADE)),again)" = "" || { \
	  echo "Making .venv, which takes half a minute and is done once." && rm -rf .venv .tox && \
	  $(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check \
	    --require-hashes --requirement tools/uv.txt; }
	@.venv/bin/uv sync --locked --inexact --quiet --python .venv/bin/python
	@pwd -P >$(STAMP)

chosen-search: $(STAMP)
	@case "$(SEARCH)" in \
	  database|'') ;; \
	  elasticsearch) .venv/bin/python tools/search_client.py --required;; \
	  *) echo "SEARCH is $(SEARCH); give SEARCH=database or SEARCH=elasticsearch." >&2; exit 1;; \
	esac

search-client: $(STAMP)
	@.venv/bin/python tools/search_client.py

demo: chosen-search
	@exec $(SITE) demo $(if $(PORT),--port $(PORT)) $(ARGS)

manage: chosen-search
	@exec $(SITE) $(ARGS)

test: search-client
	@exec $(RUN) --throw-away -- .venv/bin/python tools/test.py $(ARGS)

lint: $(STAMP)
	@$(TOX) run -q -e lint,types,docs

bench: $(STAMP)
	@$(TOX) run -q -e bench -- $(ARGS)
