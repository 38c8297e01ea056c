"""Generators: search for the rows that a detector scores as most normal, or draw samples by its score."""

from anogen.generators.evolution import Evolution, EvolutionConfig, evolve
from anogen.generators.generation import generate
from anogen.generators.gradient import Gradient, GradientConfig, descend
from anogen.generators.inputs import noise, normal_seeded_population, random_mask
from anogen.generators.mixing import Diagnostics, diagnose
from anogen.generators.result import GenerationResult
from anogen.generators.sampling import SamplingConfig, sample

__all__ = [
    "Diagnostics",
    "Evolution",
    "EvolutionConfig",
    "GenerationResult",
    "Gradient",
    "GradientConfig",
    "SamplingConfig",
    "descend",
    "diagnose",
    "evolve",
    "generate",
    "noise",
    "normal_seeded_population",
    "random_mask",
    "sample",
]
