# One target each for what a developer does. VENV names the virtual environment.
VENV ?= .venv
PYTHON = $(VENV)/bin/python
ONTOLOGIES ?= ../shared/ontologies

CORPORA ?= ../shared/corpora
WEIGHTS ?= build/weights
SEED ?= 13

.PHONY: setup test lint format types vocabulary train benchmarks endurance screenshots wheel

setup:            ## a virtual environment with all that development needs
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet -e '.[test,dev]'

test:             ## all tests; those that need a browser skip where chromium is missing
	$(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types:
	$(PYTHON) -m mypy

vocabulary:       ## check the terms against the ontologies and rewrite the generated files
	$(PYTHON) -m ivigraph.ontology.build --sources $(ONTOLOGIES)

train:            ## build the shipped model again; an epoch that was finished is not done again
	OMP_WAIT_POLICY=PASSIVE $(PYTHON) -m training.train --corpora $(CORPORA) --ontologies $(ONTOLOGIES) --out $(WEIGHTS) --seed $(SEED)
	$(PYTHON) -m training.export --weights $(WEIGHTS) --out ingest/tagger/data
	$(PYTHON) -m training.calibrate --model ingest/tagger/data --corpora $(CORPORA)

benchmarks:       ## each prints a table; sizes are arguments of the single files
	for file in $(filter-out benchmarks/endurance.py benchmarks/kills.py benchmarks/adversary.py, $(wildcard benchmarks/*.py)); do $(PYTHON) $$file || exit 1; done

screenshots:      ## every page, light and dark, desk and phone, in build/screenshots
	$(PYTHON) docs/screenshots.py

endurance:        ## kill an ingest of 10,000 documents 20 times and compare the graphs (goes on where it was); kill writers at random; attack the server
	$(PYTHON) benchmarks/endurance.py --keep build/endurance
	$(PYTHON) benchmarks/kills.py
	$(PYTHON) benchmarks/adversary.py

wheel:            ## wheel and sdist in dist/, with the SPARQL editor from npm
	IVIGRAPH_EDITOR=require $(PYTHON) -m build
