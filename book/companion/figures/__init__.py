"""From records to figures: one module per chapter; every function takes records and returns a matplotlib figure."""
