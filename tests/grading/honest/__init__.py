"""Submissions of people who mean well and work oddly, with the points that each part deserves. `HONEST` holds all.

A builder `NAME(lab, folder)` takes the lab as students get it and writes the submission `honest-name`. The points are
exact; parts that are not named deserve none.
"""

from __future__ import annotations

from corpus import Corpus

HONEST = Corpus("honest")
honest = HONEST.add

from honest import answers, notebooks  # noqa: F401
