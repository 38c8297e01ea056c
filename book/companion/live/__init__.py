"""The detectors that the page's own engine (`book/_static/live/`) scores, as scripts; and a check of its searches."""

from pathlib import Path

FOLDER = Path("book/_static/live/data")  # of the scripts, in the checkout
