"""How good the images are that descents and searches under other settings draw."""

from collections.abc import Iterator
from dataclasses import dataclass

from companion.experiment import Arrays, Inputs, Slice
from companion.studies.quality import Measured
from notebooks.thesis.common.descent import Descents
from notebooks.thesis.common.ea_sensitivity import SearchSetting


@dataclass(frozen=True, kw_only=True)
class DescentsQuality(Measured, Descents):
    """The measures of the images of `Descents`, (W, S): see `quality.measured`; groups are ways."""

    name = "descent-quality"
    search = Descents


@dataclass(frozen=True, kw_only=True)
class SearchSettingQuality(Measured, SearchSetting):
    """The measures of the images of `SearchSetting`, (T, S): see `quality.measured`; each of `stops` has a group."""

    name = "search-setting-quality"
    search = SearchSetting

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        yield self.measured(inputs["search"]["images"].swapaxes(0, 1), inputs)
