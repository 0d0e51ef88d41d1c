"""Every explorer in a notebook that papermill runs, where no front end is: each callback is called, with its defaults
and with something changed, and the output holds the static forms beside the live one."""

from __future__ import annotations

import nbformat
import papermill
import pytest

SOURCES = {
    "attention": """\
import numpy as np
from helpers import checkpoints, explore, runtime
runtime.start("offline")
masked = checkpoints.load("masked")
view = explore.attention(masked.model, masked.tokenizer, "The old [MASK] ran out.", pads=1)
start = view.data["start"]
view.state = {**start, "ask": 1}
assert view.reply["weights"] == view.data["weights"] and view.reply["prediction"] == view.data["prediction"]
view.state = {**start, "causal": True, "off": [1, 1], "hidden": [1], "ask": 2}
assert view.reply["ask"] == 2 and view.reply["masked"] != view.data["masked"] and view.note == ""
assert "Without head 1.1" in view.reply["prediction"]["line"]
view""",
    "model": """\
from helpers import checkpoints, explore, runtime
runtime.start("offline")
gpt2 = checkpoints.load("gpt2")
view = explore.model(gpt2.model, gpt2.tokenizer, "Once upon a time", start="attention", layer=1)
view.state = {"text": "Once upon a time", "layer": 1, "ask": 1}
assert view.reply == {"trace": view.data["trace"], "ask": 1} and view.note == ""
longer = [*view.data["trace"]["ids"], view.data["trace"]["likely"][0]]
view.state = {"ids": longer, "layer": 0, "ask": 2}
assert view.reply["trace"]["ids"] == longer and view.note == ""
view""",
    "tokens": """\
from helpers import explore, runtime
runtime.start("offline")
view = explore.tokens("An unbelievable kindness")
view.state = {"text": "An unbelievable kindness", "ask": 1}
assert {**view.reply, "ask": 0} == {**view.data, "ask": 0}
view.state = {"text": "Kinder 雨", "ask": 2}
assert view.reply["rows"][0]["cost"]["characters"] == 8 and view.note == ""
view""",
    "decoding": """\
from helpers import checkpoints, explore, runtime
runtime.start("offline")
gpt2 = checkpoints.load("gpt2")
model, tokenizer = gpt2.model, gpt2.tokenizer
explore.decoding(model, tokenizer, "Once upon a time", show="cache")
tree = explore.decoding(model, tokenizer, "Once upon a time", show="beams")
tree.state = {"ask": 1, "beams": tree.data["beams"]}
assert tree.reply["ask"] == 1 and tree.reply["best"] == tree.data["best"]
tree.state = {"ask": 2, "beams": 2}
assert tree.reply["ask"] == 2 and len(tree.reply["steps"][0]) == 4
view = explore.decoding(model, tokenizer, "Once upon a time")
view.state = {"ask": 1, "new": []}
assert view.reply["ask"] == 1 and view.reply["logits"] == view.data["logits"]
view.state = {"ask": 2, "new": [7, 9]}
assert view.reply["new"] == [7, 9] and view.note == ""
view""",
    "training": """\
from helpers import explore
with explore.training(title="Fit", seconds=0) as curve:
    for step in range(3):
        curve.add("training", step, 1 - step / 10)
log = curve.callback()
class state: global_step = 3
log.on_log(None, state, None, {"loss": 0.6, "learning_rate": 1e-4, "epoch": 1.0})
log.on_train_end(None, state, None)
assert curve.series == {"training": ([0, 1, 2, 3], [1, 0.9, 0.8, 0.6]), "learning rate": ([3], [1e-4])}
explore.training(curve)""",
    "confidence": """\
import torch
from helpers import checkpoints, explore, runtime
from transformers import BertConfig, BertForSequenceClassification
runtime.start("offline")
tokenizer = checkpoints.tokenizer("bert")
torch.manual_seed(0)
model = BertForSequenceClassification(BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1,
                                                 num_attention_heads=2, intermediate_size=16)).eval()
view = explore.confidence(model, tokenizer, ["So good.", "So bad."], [1, 0], "Not bad.", names=["no", "yes"])
view.state = {"text": "Not bad.", "watch": 1, "ask": 1}
assert view.reply == {**view.data["first"], "ask": 1} and view.note == ""
view.state = {"text": "Good!", "watch": 0, "ask": 2}
assert view.reply["tokens"][1:-1] == ["Good", "!"] and view.note == ""
view""",
    "search": """\
from types import SimpleNamespace
import torch
from helpers import checkpoints, explore, runtime
from transformers import BertConfig, BertForQuestionAnswering, BertModel
runtime.start("offline")
tokenizer = checkpoints.tokenizer("bert")
torch.manual_seed(0)
small = BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                   intermediate_size=16)
encoder, reader = (SimpleNamespace(model=kind(small).eval(), tokenizer=tokenizer)
                   for kind in (BertModel, BertForQuestionAnswering))
view = explore.search(["The fox ran.", "It rained."], "Who ran?", encoder=encoder, reader=reader)
view.state = {"question": "Who ran?", "ask": 1}
assert view.reply == {**view.data["first"], "ask": 1} and view.note == view.data["first"]["notice"]
view.state = {"question": "rained", "open": 1, "ask": 2}
assert view.reply["open"] == 1 and len(view.reply["answers"]) > 0 and view.note == ""
view""",
}


@pytest.mark.parametrize("name", SOURCES)
def test_without_a_front_end(name, tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.cells = [nbformat.v4.new_code_cell(SOURCES[name], id=name)]
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(notebook, path)
    ran = papermill.execute_notebook(path, path, progress_bar=False)
    *_, shown = ran.cells[-1].outputs
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= set(shown["data"])
