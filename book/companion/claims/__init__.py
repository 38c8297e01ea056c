"""From records to verdicts: the inventory of the sources, and the claim checks of the chapters."""
