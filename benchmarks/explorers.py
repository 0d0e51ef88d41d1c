"""How long from a key press to the changed picture: every explorer, and ipywidgets with matplotlib doing the same.

    python benchmarks/explorers.py                     # all, 40 presses each
    python benchmarks/explorers.py tokens peer         # those whose name begins so
    python benchmarks/explorers.py --presses 100

A real JupyterLab in a real Chromium. The page itself measures, from the key event's own time to two moments: when the
value that is read from the picture has changed, and when the frame that shows it has been handed to the compositor. The
second is what the table's medians are about; a screen of 60 Hz adds up to 17 ms to the first. Aims: 20 ms where
JavaScript alone draws, 80 ms where the kernel computes, one second for 12 layers x 12 heads x 64 tokens.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if not place or Path(place).resolve() != HERE]
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

AIMS = {"JavaScript": 20, "kernel": 80, "peer": None}  # milliseconds
WARM_UP = 3
GPT2 = """\
from helpers import checkpoints, explore, runtime
run = runtime.start("offline")
gpt2 = checkpoints.load("gpt2")
"""
CLASSIFIER = """\
from helpers import checkpoints, corpora, explore, runtime
from transformers import BertForSequenceClassification
run = runtime.start("offline")
bert = checkpoints.load("bert")
model = BertForSequenceClassification(bert.model.config).eval()
model.bert = bert.model  # the head is random: what it costs is the same
reviews = corpora.load("reviews")["test"]
"""
BIG = """\
import torch
from transformers import GPT2Config, GPT2LMHeadModel
from helpers import checkpoints, explore, runtime
run = runtime.start("offline")
tokenizer = checkpoints.tokenizer("gpt2")
torch.manual_seed(0)
config = GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=384, n_layer=12, n_head=12)
model = GPT2LMHeadModel(config).eval()
text = tokenizer.decode(tokenizer("The cat sat on the mat and the dog ran after it. " * 20)["input_ids"][:64])
assert len(tokenizer(text)["input_ids"]) == 64
"""
SLIDER = """\
import ipywidgets, numpy as np
import matplotlib.pyplot as plt
from IPython.display import clear_output, display

def shown(slider, picture):
    out = ipywidgets.Output()
    def redraw(*_):
        with out:
            clear_output(wait=True)
            picture(slider.value)
            plt.show()
    slider.observe(redraw, "value")
    redraw()
    display(slider, out)
"""
BARS = (
    SLIDER
    + """
scores = np.sort(np.random.default_rng(0).normal(size=20))[::-1]
def bars(value):
    p = np.exp(scores / value) / np.exp(scores / value).sum()
    plt.figure(figsize=(7, 4))
    plt.barh([f"token {i}" for i in range(20)], p)
    plt.title(f"temperature {value:.2f}")
shown(ipywidgets.FloatSlider(value=1, min=0.05, max=3, step=0.05), bars)
"""
)
MAP = (
    SLIDER
    + """
weights = np.random.default_rng(0).dirichlet(np.ones(64), size=(12, 12, 64))
def map_of(head):
    plt.figure(figsize=(5, 5))
    plt.imshow(weights[head // 12, head % 12], cmap="viridis")
    plt.title(f"layer {head // 12}, head {head % 12}")
shown(ipywidgets.IntSlider(value=3, max=143), map_of)
"""
)
MAPS = """\
import matplotlib.pyplot as plt, numpy as np
weights = np.random.default_rng(0).dirichlet(np.ones(64), size=(12, 12, 64))
"""
SHOW_MAPS = """\
fig, places = plt.subplots(12, 12, figsize=(9, 9))
for place, head in zip(places.flat, weights.reshape(144, 64, 64)):
    place.imshow(head, cmap="viridis")
    place.axis("off")
plt.show()
"""
ARROWS, UP_DOWN, TYPED = ("ArrowRight", "ArrowLeft"), ("ArrowUp", "ArrowDown"), ("x", "Backspace")


@dataclass(frozen=True)
class Case:
    """`focus` gets `keys` in turn; `drawn` reads from `root` what the picture shows, null while it is being drawn."""

    name: str
    kind: str
    source: str
    focus: str
    drawn: str
    keys: tuple[str, ...] = ARROWS

    @property
    def root(self) -> str:
        explorer = self.name.partition(":")[0]
        return ".jp-Notebook" if explorer == "peer" else f"section.course-{explorer}"


def text(*selectors: str) -> str:
    return " + ".join(f"root.querySelector('{selector}').textContent" for selector in selectors)


STEPPER, HANDLE = ".slider input", ".noUi-handle, [role=slider]"
ARCS = "[...root.querySelectorAll('.arcs path')].map(path => path.getAttribute('stroke-width')).join()"
IMAGE = """(image => image?.complete && image.naturalWidth ? image.src.length + image.src.slice(-300) : null)(
  root.querySelector('.jp-OutputArea-output img'))"""
TOKENS = """\
from helpers import explore, runtime
run = runtime.start("offline")
explore.tokens("An unbelievable kindness")
"""
DECODING = GPT2 + 'explore.decoding(gpt2.model, gpt2.tokenizer, "Once upon a time", show="{}")'
SEARCH = """\
from helpers import checkpoints, corpora, explore, runtime
run = runtime.start("offline")
sections = corpora.fairytales("test").sections[:60]
explore.search([one.text for one in sections], "What did the fox say?", encoder=checkpoints.load("bert"))
"""
ATTENTION = BIG + "explore.attention(model, tokenizer, text)"
PLACES = GPT2 + 'explore.attention(gpt2.model, gpt2.tokenizer, "Once upon a time there was a cat. " * 8)'
CURVE = """\
import numpy as np
from helpers import explore
explore.training({"training": (list(range(1, 501)), list(np.exp(-np.arange(500) / 200)))})
"""
CONFIDENCE = (
    CLASSIFIER
    + """\
explore.confidence(model, bert.tokenizer, reviews["text"][:200], reviews["label"][:200], "a warm and funny film")
"""
)
CASES = [
    Case("tokens: a step of the merges", "JavaScript", TOKENS, STEPPER, text(".stage")),
    Case("tokens: typing", "kernel", TOKENS, "textarea", text(".row"), TYPED),
    Case("attention: another head, 12x12x64", "JavaScript", ATTENTION, "[role=gridcell][tabindex='0']", ARCS),
    Case("attention: another weight, 12x12x64", "JavaScript", ATTENTION, "canvas.map", text(".reading"), UP_DOWN),
    # each place once: what it has asked, the view keeps
    Case("attention: what follows another token", "kernel", PLACES, "select", text(".answer"), ("ArrowUp",)),
    Case("decoding: temperature", "JavaScript", DECODING.format("sampling"), STEPPER, text("tbody")),
    Case("decoding: a step of the beams", "JavaScript", DECODING.format("beams"), STEPPER, text("table")),
    Case(
        "decoding: a token of the cache",
        "JavaScript",
        DECODING.format("cache"),
        STEPPER,
        "root.querySelector('svg').getAttribute('aria-label')",
    ),
    Case(
        "decoding: drawing a token",
        "kernel",
        DECODING.format("sampling"),
        "button.main",
        text(".written", "tbody"),
        ("Enter",),
    ),
    Case(
        "training: the cursor",
        "JavaScript",
        CURVE,
        STEPPER,
        "root.querySelector('.cursor path').getAttribute('d')",
        ARROWS[::-1],
    ),
    Case("confidence: temperature", "JavaScript", CONFIDENCE, STEPPER, text(".trust")),
    Case("confidence: typing", "kernel", CONFIDENCE, "textarea", text(".chips", ".bars"), TYPED),
    Case("search: typing", "kernel", SEARCH, "input", text(".rankings"), TYPED),
    Case("peer: 20 bars by a slider", "peer", BARS, HANDLE, IMAGE),
    Case("peer: a head's map by a slider", "peer", MAP, HANDLE, IMAGE),
]

WATCH = """selector => {
  window.times = [];
  let pressed = null, before = null;
  const drawn = () => { const root = document.querySelector(selector); return %s; };
  window.addEventListener("keydown", (event) => { before = drawn(); pressed = event.timeStamp; }, true);
  function look() {
    if (pressed === null) return;
    const now = drawn();
    if (now === null || now === before) return;
    const [from, changed] = [pressed, performance.now()];
    pressed = null;
    requestAnimationFrame(() => { // the task after a frame's callbacks comes when the frame is done
      const after = new MessageChannel();
      after.port1.onmessage = () => window.times.push([changed - from, performance.now() - from]);
      after.port2.postMessage(0);
    });
  }
  const whatever = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document.body, whatever);
  document.addEventListener("load", look, true); // of an image
}"""


def notebook(lab, name: str, *sources: str) -> str:
    file = "".join(c if c.isalnum() else "-" for c in name)
    return lab.notebook(file, {f"cell-{number}": source for number, source in enumerate(sources)}).name


def measure(page, lab, case: Case, presses: int) -> dict[str, object]:
    """Press keys, one after the picture of the last; milliseconds until the value changed and until it was painted."""
    page.open(notebook(lab, case.name, case.source))
    root = page.page.locator(case.root).first
    focus = root.locator(case.focus).first
    focus.wait_for()
    if case.kind == "peer":
        root.locator(".jp-OutputArea-output img").first.wait_for()
    page.page.wait_for_timeout(1000)  # the kernel is idle, the page has settled
    page.page.evaluate(WATCH % case.drawn, case.root)
    focus.focus()
    for number, key in enumerate(itertools.islice(itertools.cycle(case.keys), presses + WARM_UP)):
        page.page.keyboard.press(key)
        page.page.wait_for_function("n => window.times.length > n", arg=number, timeout=20_000)
        page.page.wait_for_timeout(30)
    times = page.page.evaluate("() => window.times")[WARM_UP:]
    changed, painted = ([round(pair[i], 2) for pair in times] for i in (0, 1))
    if page.errors:
        print(f"  the page complained: {page.errors}")
    return {"name": case.name, "kind": case.kind, "presses": len(times), "changed_ms": changed, "painted_ms": painted}


DRAWN = """async ([cell, selector]) => {
  for (const old of document.querySelectorAll(selector)) old.setAttribute("data-old", "");
  const whole = (node) => (node.tagName === "IMG" ? node.complete && node.naturalWidth : node.dataset.weight);
  const fresh = () => [...document.querySelectorAll(`:is(${selector}):not([data-old])`)].find(whole);
  const began = performance.now();
  const drawn = new Promise((resolve) => {
    const look = () => fresh() && resolve();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    document.addEventListener("load", look, true);
  });
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
  window.jupyterapp.commands.execute("notebook:run-cell");
  await drawn;
  await new Promise((resolve) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = resolve;
    after.port2.postMessage(0);
  }));
  return (performance.now() - began) / 1000;
}"""
SECTION, SHOW = "section.course-attention", "explore.attention(model, tokenizer, text)"
FIRST = [
    ("explorer, weights already computed", f"{BIG}view = {SHOW}", "view", SECTION),
    ("explorer, the model runs first", BIG, SHOW, SECTION),
    ("matplotlib, 144 pictures", MAPS, SHOW_MAPS, ".jp-OutputArea-output img"),
]


def first(page, lab, source: str, cell: str, selector: str, repeats: int = 5) -> list[float]:
    """Seconds from running a cell to the painted picture of 12 layers x 12 heads x 64 tokens."""
    page.open(notebook(lab, selector + cell, source, cell), run=False)
    page.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0;"
        " return window.jupyterapp.commands.execute('notebook:run-cell') }"
    )
    page.page.wait_for_timeout(1000)
    return [round(page.page.evaluate(DRAWN, [1, selector]), 3) for _ in range(repeats)]


def told(row: dict) -> str:
    painted = sorted(row["painted_ms"])
    middle, aim = statistics.median(painted), AIMS[row["kind"]]
    late = painted[int(0.95 * (len(painted) - 1))]
    verdict = "" if aim is None else f"<= {aim}: {'yes' if middle <= aim else 'NO'}"
    return (
        f"{row['name']:40}{row['kind']:12}{row['presses']:4}{statistics.median(row['changed_ms']):10.1f}"
        f"{middle:10.1f}{late:10.1f}   {verdict}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="beginnings of names; all if left out")
    parser.add_argument("--presses", type=int, default=40)
    given = parser.parse_args()
    from browser.served import Absent, chromium, jupyterlab, opened

    chosen = [case for case in CASES if not given.names or case.name.startswith(tuple(given.names))]  # "drawn" is none
    rows = []
    heads = f"{'n':>4}{'changed':>10}{'painted':>10}{'95 %':>10}   aim for the median, painted"
    print(f"{'milliseconds from key press to':52}{heads}")
    try:
        with tempfile.TemporaryDirectory() as folder, chromium() as browser, jupyterlab(Path(folder)) as lab:
            for case in chosen:
                with opened(browser, lab) as page:
                    rows.append(measure(page, lab, case, given.presses))
                print(told(rows[-1]), flush=True)
            drawn = {}
            if not given.names or "drawn" in given.names:
                print("\nseconds until 12 layers x 12 heads x 64 tokens are drawn (aim: less than 1)")
                for name, source, cell, selector in FIRST:
                    with opened(browser, lab) as page:
                        drawn[name] = first(page, lab, source, cell, selector)
                    print(f"{name:46}{statistics.median(drawn[name]):6.2f}   {drawn[name]}", flush=True)
            version = browser.version
    except Absent as reason:
        print(reason)
        return 1
    out = Path("build", "explorers.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(
        json.dumps(
            {
                "date": time.strftime("%Y-%m-%d"),
                "cores": os.cpu_count(),
                "load": round(os.getloadavg()[0], 1),
                "python": platform.python_version(),
                "chromium": version,
                "rows": rows,
                "drawn_seconds": drawn,
            },
            indent=1,
        )
        + "\n"
    )
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
