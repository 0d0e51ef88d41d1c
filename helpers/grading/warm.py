"""What every submission needs, loaded once in the process that theirs are forked from (helpers.grading.apart)."""

# ruff: noqa: F401
import jupyter_client.asynchronous
import nbformat.v4
import zmq.asyncio

from helpers.grading import execute, sandbox

nbformat.validate(nbformat.v4.new_notebook())  # the schema, compiled
