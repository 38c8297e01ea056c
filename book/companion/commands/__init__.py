"""The commands on the book with many options: run, records."""
