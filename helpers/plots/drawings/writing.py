"""Schematics of writing: how the next token is chosen, and why that is fast."""

from __future__ import annotations
