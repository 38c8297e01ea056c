# %% [markdown]
# # Mode, typical set, data
#
# *Does sampling repair what minimising breaks?*

# %% [markdown] tags=["book-only"]
# ```{glance} typical-set
# question: The image of the lowest score is a detector's mode, which is not typical. Are samples that score as real images do more like real images?
# here: For {glue}`detectors` detectors of threes and fours: an image found by a short search, the lowest score, {glue}`count` samples from the density that the score defines, exact draws where they exist, and real images. An ensemble of classifiers judges all of them.
# finding: TODO
# ```

# %% [markdown]
# {doc}`theory` shows why the minimum of a score is far from the data in many dimensions. A statistician draws samples instead. Every score $s$ defines a density $p(x) \propto e^{-s(x)/T}$ on images, and the temperature $T$ at which the samples score on average as held-out real images do is unique. Such samples are as normal as real images to the detector.

# %% tags=["parameters"]
scale = "laptop"
digits = [3, 4]
detectors = ["gmm", "kde", "pca", "ocsvm", "hbos", "cblof", "iforest", "deep-svdd", "autoencoder"]
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.typical_set.figures import (
    COLUMNS,
    fig_typical_set,
    gaps,
    mean,
    names,
    repaired,
    table_typical_set,
)

records = load_records("typical-set", scale, digits=digits, detectors=detectors, seed=seed)
