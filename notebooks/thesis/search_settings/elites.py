"""The search with an elite: its best images survive every generation unchanged (thesis-c-34)."""

from dataclasses import dataclass, replace

from anogen.generators.evolution import EvolutionConfig
from notebooks.thesis.search_settings.experiments import SearchSetting


@dataclass(frozen=True, kw_only=True)
class ElitistSetting(SearchSetting):
    """`SearchSetting` in which the best `elites` images survive; the arrays are the same."""

    name = "search-setting-elite"

    elites: int = 1

    @property
    def config(self) -> EvolutionConfig:
        """The parameters of the evolutionary search."""
        return replace(super().config, n_elites=self.elites)
