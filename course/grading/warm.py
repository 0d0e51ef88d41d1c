"""What every submission needs, loaded once in the process that theirs are forked from (course.grading.apart).

So is what the judges of the lab need that apart.WARM_LAB names: a model takes longer to load than answers to judge.
"""

# ruff: noqa: F401
import contextlib
import os

import jupyter_client.asynchronous
import nbformat.v4
import zmq.asyncio

from course import authoring
from course.grading import apart, execute, sandbox

nbformat.validate(nbformat.v4.new_notebook())  # the schema, compiled
with contextlib.suppress(Exception):  # what is wrong with a lab is for those to say who use it
    if name := os.environ.get(apart.WARM_LAB):
        authoring.source(authoring.folder_of(name)).lab({}).prepare()
