# `make` alone lists the targets. Needs Python 3.11 to 3.13 (with venv), git and make; installs everything else in .venv.

PYTHON ?= python3
EPOCHS ?=
PARAMS ?=
OUT    ?= out.ipynb
JOBS   ?= 3  # more than two cores have, because tests wait for other processes too
TESTS  ?= tests
INPUTS ?= 10000
KILLS  ?= 50

# an absolute path, because notebooks run in their own folders
ifdef ECGSEG_DATA
export override ECGSEG_DATA := $(abspath $(ECGSEG_DATA))
endif

BIN := .venv/bin
# MAJOR.MINOR of PYTHON, empty if it cannot be run; part of a stamp's name, so another PYTHON= rebuilds .venv
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
SUPPORTED := 3.11 3.12 3.13

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install pipeline test fuzz kill check readme docs dist clean

help: ## list the targets
	@echo "make TARGET [VARIABLE=value ...]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1 \2/p' Makefile | while read -r name text; do printf '  %-9s %s\n' "$$name" "$$text"; done
	@echo "Variables: PYTHON=python3.12 (any target), EPOCHS=2 PARAMS='-p seed 1' OUT=out.ipynb (pipeline),"
	@echo "           JOBS=2 TESTS=tests/test_package.py (test), INPUTS=10000 (fuzz), KILLS=50 (kill); ECGSEG_DATA=folder with ludb/ and nstdb/"

install: .venv/installed ## make .venv and install ecgseg with all extras, pinned by constraints.txt

.venv/python-$(VERSION):
	@case " $(SUPPORTED) " in (*" $(VERSION) "*) ;; (*) \
		echo "ecgseg needs Python $(SUPPORTED), but PYTHON=$(PYTHON) $(if $(VERSION),is Python $(VERSION),cannot be run)." >&2; \
		echo "Name one that fits: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1;; esac
	$(PYTHON) -m venv --clear .venv
	@touch $@

# pip and setuptools are pinned and installed first, because they install the rest
.venv/installed: .venv/python-$(VERSION) settings.ini setup.py constraints.txt
	@echo "Installing into .venv (about three minutes) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip setuptools
	@# setuptools warns that an editable install is editable
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[all]'
	@touch $@

pipeline: .venv/installed ## run run_pipeline.ipynb: data, training, evaluation, export, demo
	@# the summary is printed last, even after a failure
	$(BIN)/papermill run_pipeline.ipynb $(OUT) $(if $(EPOCHS),-p epochs $(EPOCHS)) $(PARAMS); status=$$?; \
		$(BIN)/python .ci/summary.py $(OUT); exit $$status

test: .venv/installed ## run the tests in the notebooks and in tests/
	@mkdir -p build
	$(BIN)/python -m pytest $(TESTS) -n $(JOBS) --durations=20 --durations-min=1 --junitxml=build/tests.xml

fuzz: .venv/installed ## try 10,000 damaged inputs of each kind, and a day of stream (hours)
	@mkdir -p build
	ECGSEG_FUZZ=$(INPUTS) ECGSEG_SOAK=24 $(BIN)/python -m pytest tests/test_fuzz.py tests/test_soak.py -n $(JOBS) --durations=20 -rP

kill: .venv/installed ## kill generation, caching, training, evaluation, export and segment 50 times each
	@mkdir -p build
	ECGSEG_KILLS=$(KILLS) $(BIN)/python -m pytest tests/test_kill.py -n $(JOBS) --durations=20 -rP

check: .venv/installed ## check notebooks and modules, run ruff and mypy (commit first)
	PATH="$(CURDIR)/$(BIN):$$PATH" bash .ci/check

readme: .venv/installed ## make README.md from nbs/index.ipynb
	$(BIN)/python .ci/readme.py

docs: readme ## build the site into _docs (needs Quarto)
	@command -v quarto >/dev/null || { echo "make docs needs Quarto, which is not installed: https://quarto.org/docs/get-started" >&2; exit 1; }
	$(BIN)/python .ci/try_it.py
	$(BIN)/nbdev_docs

dist: .venv/installed ## build sdist and wheel into dist/, test the wheel in an empty environment and with all extras
	rm -rf dist build/wheel build/complete
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m venv build/wheel
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	cd build && wheel/bin/python ../.ci/import_all.py
	cd build && wheel/bin/ecgseg example example.csv --overwrite && wheel/bin/ecgseg segment example.csv
	@# the command export has an extra
	! build/wheel/bin/ecgseg export seg-4-res-sm --out build/c
	build/wheel/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$(echo dist/*.whl)[export]"
	cd build && wheel/bin/ecgseg export seg-4-res-sm --as arduino --out arduino --overwrite
	@# with the extras of .venv, every module must import
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target build/complete dist/*.whl
	cd build && PYTHONPATH=complete ../$(BIN)/python ../.ci/import_all.py --complete

clean: ## remove .venv and all build output; keep results/ and out.ipynb
	rm -rf .venv build dist _docs _proc *.egg-info .pytest_cache nbs/nbdev.yml
