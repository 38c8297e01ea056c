"""Experiment of chapter `heartbeats`: detectors on heartbeats."""

from notebooks.beyond.common.tabular import tabular_chapter

chapter_experiments, QUICK = tabular_chapter("heartbeats")
