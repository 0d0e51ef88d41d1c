"""Grading a class: submissions are rebuilt, run in a sandbox, judged outside it, and recorded with nbgrader."""
