"""Experiment of chapter `thyroid`: detectors on adbench/thyroid."""

from notebooks.beyond.common.tabular import tabular_chapter

chapter_experiments, QUICK = tabular_chapter("adbench/thyroid")
