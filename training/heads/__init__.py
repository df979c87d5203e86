"""Heads: from a few labelled vectors to calibrated probabilities, in milliseconds."""

from training.heads.fitting import FitResult, fit
from training.heads.head import Head
from training.heads.training_set import TrainingSet

__all__ = ["FitResult", "Head", "TrainingSet", "fit"]
