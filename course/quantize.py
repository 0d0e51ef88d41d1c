"""Write a checkpoint with a quarter of the bytes: int8 by row, for the model in a browser's tab.

Each row of a matrix (also of the embeddings) is divided by its largest absolute value over 127 and rounded. The file is
an ordinary safetensors file, with `NAME` in int8 (rows, columns) and `NAME.scale` in float32 (rows). Everything that is
not a matrix (norms, biases) stays float16. `helpers/explorers/engine/weights.js` reads it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from helpers.reference.transformer import read_checkpoint

LARGEST = 127


def quantized(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (rows, columns) as int8, and the scale of each row: `int8 * scale[:, None]` is nearly the matrix.

    Symmetric: 0 stays 0, and -128 is not used. No number moves by more than half of its row's scale.
    """
    scale = np.abs(matrix).max(axis=1) / LARGEST
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.rint(matrix / scale[:, None]).clip(-LARGEST, LARGEST).astype(np.int8), scale


def quantize(folder: str | Path, out: str | Path) -> Path:
    """Write the int8 checkpoint of a save_pretrained folder into the folder `out`, with config.json and tokenizer.json.

    Returns the file of weights. Raises FileNotFoundError if the folder is not a checkpoint.
    """
    from safetensors.numpy import save_file

    folder, out = Path(folder), Path(out)
    weights, config = read_checkpoint(folder)
    arrays: dict[str, np.ndarray] = {}
    for name, array in weights.items():
        if array.ndim == 2 and array.dtype == np.float32:
            arrays[name], arrays[f"{name}.scale"] = quantized(array)
        else:
            arrays[name] = array.astype(np.float16) if array.dtype == np.float32 else array
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    shutil.copy(folder / "tokenizer.json", out)
    save_file(arrays, out / "model.safetensors", metadata={"format": "int8 by row"})
    return out / "model.safetensors"
