"""Experiment of chapter `campaign`: detectors on adbench/campaign."""

from notebooks.beyond.common.tabular import tabular_chapter

chapter_experiments, QUICK = tabular_chapter("adbench/campaign", n_generations=300)  # a pipeline takes longer
