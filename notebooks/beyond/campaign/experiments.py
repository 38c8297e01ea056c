"""Experiment of chapter `campaign`: detectors on adbench/campaign."""

from notebooks.beyond.common.tabular import QUICK, tabular_chapter

__all__ = ["QUICK", "chapter_experiments"]

chapter_experiments = tabular_chapter("adbench/campaign")
