"""Submissions that want points they did not earn, or more. `ATTACKS` holds every builder by name.

A builder `NAME(lab, folder)` takes the lab as students get it and writes the submission `attack-name`. It states the
statuses that may come of it and the points by part that its honest part deserves: those exactly where the status is
ok, at most those otherwise. Nearly all contain a right `merge` (4 points), so that a grader which gives up on
everything is told from one that is fair.

What an attack would do to a machine without a sandbox is bounded: it touches only the canaries of the tests, forks at
most some hundreds of sleepers, and allocates at most a few GB.
"""

from __future__ import annotations

from corpus import Corpus

ATTACKS = Corpus("attack")
attack = ATTACKS.add

from attacks import display, files, forgery, judge, notebooks, reach, resources  # noqa: F401
