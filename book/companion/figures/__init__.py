"""Style, tables and the registry of figure functions; the functions themselves are in the chapters."""
