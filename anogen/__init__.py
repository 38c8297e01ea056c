"""Ask an anomaly detector to draw what it believes is normal."""

__version__ = "0.1.0"
