"""Experiment of chapter `cardio`: detectors on adbench/cardio."""

from notebooks.beyond.common.tabular import tabular_chapter

chapter_experiments, QUICK = tabular_chapter("adbench/cardio")
