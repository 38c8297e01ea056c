"""The detectors that the page's own engine (`book/_static/live/`) scores, as scripts; and a check of its searches."""
