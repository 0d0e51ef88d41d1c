"""Schematics of learning and measuring."""

from __future__ import annotations
