# FluoroPrint without Slicer: the demo, the tests, the checks. Needs Python 3.10 to 3.13 and make.
#   PYTHON=python3.12  the Python to set up with (default: the first fitting one on PATH)
#   VENV=.venv-3.12    where the virtual environment goes (default: .venv)

PYTHON ?=
VENV ?= .venv
RUN := $(VENV)/bin/python
SWEEP ?= FluoroPrint/Resources/SampleData/head-small-xa.dcm
OUT ?= build/demo

# This checkout is what runs, whatever the shell's PYTHONPATH says and wherever the folder was moved to.
export PYTHONPATH := $(CURDIR)/FluoroPrint
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint format cmake-lists package pictures benchmark accuracy clean
# Two pips in one environment get in each other's way.
.NOTPARALLEL:

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.demo ## set up, then take the sample sweep to a printable model and a report in build/demo
	$(RUN) -m FluoroPrintLib run $(SWEEP) --out $(OUT) --voxel-mm 1.2 --thin-walls

test: $(VENV)/.test ## set up, then run the tests
	$(RUN) -m pytest -n 2

test-slow: $(VENV)/.test ## run the tests that take more than a few seconds each
	$(RUN) -m pytest -m slow || test $$? -eq 5  # 5: there are none

lint: $(VENV)/.test ## check style, formatting and types
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy

format: $(VENV)/.test ## put the sources into the common format
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

cmake-lists: $(VENV)/.test ## bring the file lists of the CMakeLists.txt up to date with the tree
	$(RUN) tools/cmake_lists.py

package: $(VENV)/.demo ## zip the extension into build, to install in Slicer from file (docs/packaging.md)
	$(RUN) tools/package.py $(if $(SLICER),--slicer $(SLICER)) $(if $(MAC_REVISION),--mac-revision $(MAC_REVISION))

pictures: $(VENV)/.test ## take pictures of the modules' panels into docs/pictures
	$(RUN) Testing/application/pictures.py docs/pictures

benchmark: $(VENV)/.benchmark ## speed, memory and accuracy beside RTK, meshes beside their peers, in one run
	$(RUN) Testing/benchmark

accuracy: $(VENV)/.benchmark ## segmentation against the CT behind simulated sweeps, beside peers
	$(RUN) Testing/benchmark/segmentation.py

clean: ## remove what was built and the virtual environment
	rm -rf build $(VENV)

# A stamp is written only when all before it went well; a changed pyproject.toml sets up anew.
$(VENV)/.demo: pyproject.toml tools/set-up
	@tools/set-up $(VENV)
	@touch $@

$(VENV)/.test: pyproject.toml tools/set-up
	@tools/set-up $(VENV) test
	@touch $(VENV)/.demo $@

$(VENV)/.benchmark: pyproject.toml tools/set-up
	@tools/set-up $(VENV) benchmark
	@touch $(VENV)/.demo $@
