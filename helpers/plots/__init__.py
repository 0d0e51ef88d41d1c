"""The figures of the lessons, in one module per lesson; all are called as `plots.NAME`.

Each function takes plain arrays and strings and returns a Figure; `show` draws it. `shared` has the figures that
several lessons use, `style` what all of them are made with. Matplotlib is imported when the first figure is drawn.
"""
# ruff: noqa: F401 - imported to be reached as plots.NAME

from helpers.plots.drawings import drawing
from helpers.plots.further import (
    difference_errors,
    em_steps,
    growth,
    head_shares,
    kept_tokens,
    lens_grid,
    margin_losses,
    quality_diversity,
    shares_drawn,
    stream_lengths,
    tries,
    work_per_merge,
)
from helpers.plots.lesson_00 import next_token_choice, sureness
from helpers.plots.lesson_01 import broadcast, descent, learned_by_heart, own_cells, weighted_words, word_map
from helpers.plots.lesson_02 import language_costs, show_language_costs
from helpers.plots.lesson_03 import Marked, lattice, marked, show_lattice
from helpers.plots.lesson_04 import gradient_norms, looks, pulls, same_word
from helpers.plots.lesson_05 import who_may_look
from helpers.plots.lesson_06 import two_readers
from helpers.plots.lesson_07 import (
    accuracy_intervals,
    difference_intervals,
    group_accuracies,
    reliability,
    runs_over,
    seed_strips,
    token_scores,
)
from helpers.plots.lesson_08 import cut_curves, entropy_bars, next_token_bars
from helpers.plots.lesson_09 import (
    beside_people,
    copied_shares,
    leanings,
    surprise_lines,
    surprise_text,
    window_coverage,
)
from helpers.plots.lesson_10 import broken_chain, hit_rates, shared_words, span_scores, two_rankings
from helpers.plots.lesson_11 import alignment, shares
from helpers.plots.shared import Tokens, can_draw, confusion, heat_maps, scaling, tokens, training_curve
from helpers.plots.style import COLORS, DPI, figure, picture, show
