"""From records to verdicts: the inventory of the sources, and one module per chapter that judges its claims."""
