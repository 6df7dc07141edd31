"""Secrets never leave: what is recorded, shown, answered, logged or sent to a model goes through a `Masker` first."""

from runtime.masking.chunks import Chunks
from runtime.masking.masker import NOTHING_OF_OURS, Masker, holds_marks
from runtime.masking.shapes import prepare

__all__ = ["NOTHING_OF_OURS", "Chunks", "Masker", "holds_marks", "prepare"]
