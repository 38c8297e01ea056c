"""Generators: search for the image that a detector scores as most normal."""

from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.generators.gradient import descend
from anogen.generators.masks import noise, normal_seeded_population, random_mask

__all__ = ["EvolutionConfig", "descend", "evolve", "noise", "normal_seeded_population", "random_mask"]
