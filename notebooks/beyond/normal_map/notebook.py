# %% [markdown]
# # A map of the normal
#
# *The most normal image for every amount of ink and roughness*

# %% [markdown] tags=["book-only"]
# ```{glance} normal-map
# question: A search shows one image that a detector scores as normal. What other images score as normal, and are they digits?
# here: For {glue}`detectors` detectors of fours, {glue}`evaluations` evaluations each fill a map of {glue}`side` × {glue}`side` cells of ink and total variation with the image of the lowest score in each cell.
# finding: {glue}`range` of the cells that were reached hold an image that scores below the median real image and shows no digit. With {glue}`digits`, more of the cells with such scores show the digit than not; with {glue}`no_digits`, fewer.
# ```

# %% [markdown]
# The minimum of a score is one image. Quality-diversity search keeps many: MAP-Elites {cite:p}`mouret2015illuminating` divides the images into cells by features that we choose, and keeps in each cell the image of the lowest score, its *elite*. A child of two elites replaces the elite of its own cell if it scores lower.
#
# The features are *ink*, the mean pixel, and *total variation*, the mean difference of adjacent pixels. The first elites are training images, and noise of all amplitudes around all greys. Children lie on the line through two parents, add noise, or take over a rectangle of the other parent or of one grey. We wrote these {glue}`lines` lines with NumPy: the library `pyribs` offers the same algorithm, but its emitters hand over one batch in float64 after the other, and an evaluation of CBLOF takes a microsecond.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "gmm", "pca", "deep-svdd", "loda", "hbos"]
seed = 0

# %% tags=["remove-input"]
import inspect

from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.normal_map import elites
from notebooks.beyond.normal_map.figures import LIMIT, fig_elites, fig_normal_map, shares, table_shares, title

records = load_records("normal-map", scale, digit=digit, detectors=detectors, seed=seed)
glue(lines=len(inspect.getsource(elites).splitlines()))

# %% [markdown]
# ## The maps

# %% tags=["remove-input"]
if records:
    caption = f"The score of the elite of each cell, relative to the median held-out image of class {digit}: blue is more normal, red less; colours end at {LIMIT} interquartile ranges. White cells were not reached. Dots: elites that the ensemble accepts as a digit, of any class. Outline: cells with held-out images."
    alt = f"A heat map for each of {join_names([title(name) for name in records])}, ink to the right and total variation upwards."
    figure(
        fig_normal_map(records), id="anogen-fig-normal-map", caption=caption, alt=alt, records=list(records.values())
    )
    table(*table_shares(records))

# %% [markdown]
# Each detector was trained once. Columns 3 to 5 are shares of the reached cells, whose elite scores below the median held-out image; of these, elites without a digit, and elites that look like the digit of the training images, to the ensemble of {doc}`sample-quality`.

# %% [markdown]
# ## The elites

# %% tags=["remove-input"]
pictured = {name: record for name, record in records.items() if record["images"].size}
if pictured:
    caption = "Elites of every other row and column of the map. White cells were not reached."
    alt = f"Small grey images at their place in the map, for {join_names([title(name) for name in pictured])}. From left to right they grow brighter, from below to the top rougher."
    figure(
        fig_elites(pictured), id="anogen-fig-normal-elites", caption=caption, alt=alt, records=list(pictured.values())
    )

# %% [markdown]
# ## Time
#
# The evaluations are divided among independent *islands*, and the best elite of all islands counts. An island has its own random numbers, so the map has the same bits for any number of processes.

# %% tags=["remove-input"]
rows = [
    [title(name), f"{record.parameter('evaluations'):,}", f"{record['seconds'].sum():.0f}"]
    for name, record in records.items()
    if "seconds" in record.arrays
]
if rows:
    table(("detector", "evaluations", "processor seconds"), rows)
found = {name: shares(record) for name, record in records.items()}
if found:
    without = {name: share["no digit"] for name, share in found.items()}
    low, high = min(without, key=without.__getitem__), max(without, key=without.__getitem__)
    glue(
        detectors=len(records),
        evaluations=f"{int(next(iter(records.values())).parameter('evaluations')):,}",
        side=len(next(iter(records.values()))["real"]),
        range=f"{percent(without[low])} ({title(low)}) to {percent(without[high])} ({title(high)})",
        digits=join_names([title(name) for name, s in found.items() if s["normal looking"] > s["no digit"]]) or "none",
        no_digits=join_names([title(name) for name, s in found.items() if s["normal looking"] <= s["no digit"]])
        or "none",
        cells=int(sum((record["real"] > 0).sum() for record in records.values()) / len(records)),
    )

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Real images fill {glue}`cells` of the cells; a detector scores images in many others as more normal than the median real image.
# - What these images show depends on the detector: digits that are brighter or noisier than real ones, or no digit.
# - A single generated image, as the thesis shows, is one cell of the map.
#
# ```{verdicts} anogen-c-14 anogen-c-15
# ```
