"""The interactive views: `from helpers import explore`, then `explore.attention(model, tokenizer, "text")`.

Each shows a live view where a front end can draw one, and in the same output a static one for pages, GitHub and
notebooks that were not run.
"""

from __future__ import annotations
