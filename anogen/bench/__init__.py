"""Time the scorers and the engine on this machine, beside what they replace and what the machine could do."""
