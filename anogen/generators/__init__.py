"""Generators: search for the rows that a detector scores as most normal."""

from anogen.generators.evolution import Evolution, EvolutionConfig, evolve
from anogen.generators.generation import generate
from anogen.generators.gradient import Gradient, GradientConfig, descend
from anogen.generators.inputs import noise, normal_seeded_population, random_mask
from anogen.generators.result import GenerationResult

__all__ = [
    "Evolution",
    "EvolutionConfig",
    "GenerationResult",
    "Gradient",
    "GradientConfig",
    "descend",
    "evolve",
    "generate",
    "noise",
    "normal_seeded_population",
    "random_mask",
]
