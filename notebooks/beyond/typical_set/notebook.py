# %% [markdown]
# # Mode, typical set, data
#
# *Does sampling repair what minimising breaks?*

# %% [markdown] tags=["book-only"]
# ```{glance} typical-set
# question: The image of the lowest score is a detector's mode, which is not typical. Are samples that score as real images do more like real images?
# here: For {glue}`detectors` detectors of threes and fours: an image found by a short search, the image of the lowest score, {glue}`count` samples of the density that the score defines, exact draws where they exist, and real images. An ensemble of classifiers judges all of them.
# finding: TODO {glue}`arrived` {glue}`repaired`
# ```

# %% [markdown]
# {doc}`theory` shows why the minimum of a score lies far from the data in many dimensions. A statistician draws samples instead. A score $s$ defines a density $p(x) \propto e^{-s(x)/T}$ of images. There is one temperature $T$ at which samples score, on average, as held-out real images do. If the score describes the data, such samples look like data.

# %% tags=["parameters"]
scale = "laptop"
digits = [3, 4]
detectors = ["gmm", "kde", "pca", "ocsvm", "hbos", "cblof", "iforest", "deep-svdd", "autoencoder"]
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.typical_set.figures import (
    arrived,
    below_all,
    fig_typical_set,
    mean,
    names,
    repaired,
    table_typical_set,
)

records = load_records("typical-set", scale, digits=digits, detectors=detectors, seed=seed)
if records:
    first = next(iter(records.values()))
    exact = mean(records, "accepted", "exact")
    glue(
        detectors=len(names(first)),
        count=int(first["count"]),
        arrived=join_names([title(name) for name in arrived(records)]),
        repaired=join_names([title(name) for name in repaired(records)]),
    )

# %% [markdown]
# ## One image of each kind
#
# The search is the {term}`evolution` of the other chapters, with a population of 50 and 1,000 generations only. The lowest score is the known {term}`optimum` among images with pixels in $[0, 1]$ ({doc}`certificates`); the isolation forest and the autoencoder have none, and the found image takes its place. Samples are drawn by `anogen.generate(scorer, method="sample", held_out=X)`: four chains that start at noise. One Gaussian and KDE are densities themselves, so exact draws of them need no chain ($T = 1$). KDE and the one-class SVM are fitted to 1,000 images, because their scores sum over the training images.

# %% tags=["remove-input"]
for role, record in list(records.items())[-1:]:
    digit = role.removeprefix("digit-")
    caption = f"One image of each kind for {len(names(record))} detectors of the digit {digit}. Below each: its score minus the median of held-out real images, in their interquartile ranges. Exact draws are clipped to the range of pixels."
    alt = f"A row for each of {join_names([title(name) for name in names(record)])}, with up to five small grey images: found, lowest score, typical sample, exact draw, real image. The numbers below the lowest scores are negative."
    figure(fig_typical_set(record), id="anogen-fig-typical-set", caption=caption, alt=alt, records=[record])

# %% [markdown]
# ## What the judge says
#
# The judge is the ensemble of classifiers of {doc}`sample-quality`.

# %% tags=["remove-input"]
if records:
    table(*table_typical_set(records))

# %% [markdown]
# Columns 2 to 6: the share of images that the judge accepts as the digit, and how many held-out images the set covers (a set of copies covers next to none). Means over the digits. *Chains*: whether they agree, R-hat, and the distance of the samples' mean score from the score that the temperature was solved for, in interquartile ranges, for each digit. Samples of chains that end far from it say nothing about the detector.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# TODO
#
# ```{verdicts} anogen-c-01 anogen-c-02 anogen-c-03 anogen-c-04
# ```
