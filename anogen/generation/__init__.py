"""Generators: search for the image that a detector scores as most normal."""

from anogen.generation.evolution import Settings, evolve
from anogen.generation.gradient import descend
from anogen.generation.guidance import half_normal, noise, random_mask

__all__ = ["Settings", "descend", "evolve", "half_normal", "noise", "random_mask"]
