# %% [markdown]
# # Theory: why the most normal point is not a normal point
#
# *Seven statements behind the images of this book*

# %% [markdown] tags=["book-only"]
# ```{glance} theory
# question: Why does the minimum of a score so rarely look like the data?
# here: Seven short arguments, and {glue}`detectors` detectors of points in the plane: the point of the lowest score, points drawn from the density that the score defines, and held-out points.
# finding: The minimum is the mode of that density, and the mode is not typical. With 784 features of a Gaussian, a draw comes halfway to the mode's score with probability {glue}`halfway`. In the plane, {glue}`mixed` of {glue}`detectors` detectors could be sampled.
# ```

# %% tags=["parameters"]
scale = "laptop"
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.playground.experiments import ENTRIES
from notebooks.beyond.theory.figures import (
    fig_typical_points,
    fig_typical_scores,
    mode_shortfall,
    relative,
    table_typical,
)

record = load_records("theory", scale, seed=seed)["typical"]
near, mixed = record["near"], record["mixed"]
gmm = record["entries"].tolist().index("gmm")
missed = relative(record, "mean_scores") - relative(record, "targets")
worst = int(abs(missed).argmax())
glue(
    worst=ENTRIES[str(record["entries"][worst])].title,
    missed=f"{missed[worst]:.2f}",
    detectors=len(record["entries"]),
    mixed=int(mixed.sum()),
    halfway=f"$10^{{{mode_shortfall(784):.0f}}}$",
    lowest_near=int(near[:, 0].sum()),
    gmm_near=percent(near[gmm, 1]),
    best_near=percent(near[mixed, 1].max()) if mixed.any() else "–",
)

# %% [markdown]
# Write $s(x)$ for the score of a row $x$ with $d$ features. Every score defines a density, $p(x) \propto e^{-s(x)/T}$, with a temperature $T > 0$. A low score means a high density.
#
# ## The minimum is the mode, and the mode is not typical
#
# For a Gaussian with covariance $\Sigma$, the score above its minimum is $s(x) - s(\mu) = \tfrac12 \lVert \Sigma^{-1/2} (x - \mu) \rVert^2$. For a draw, this is half a sum of $d$ squared standard normals. Its mean is $d/2$ and its standard deviation $\sqrt{d/2}$, so a draw never comes close to 0 if $d$ is large.
#
# **Here:** {numref}`anogen-fig-typical-scores`. A generator that minimises the score leaves the data by construction, even if the detector is right.

# %% tags=["remove-input"]
caption = "The score of draws from a Gaussian above that of its mode, divided by the number of features. The densities are exact, and each is scaled to a height of 1."
alt = "Four bell-shaped curves around one half; the more features, the narrower. A vertical line at 0, the mode, is far from the narrow ones."
figure(fig_typical_scores(), id="anogen-fig-typical-scores", caption=caption, alt=alt)

# %% [markdown]
# ## Samples are typical
#
# To see what a detector holds to be normal, draw from $p$. `anogen.generate(scorer, method="sample", held_out=X)` does, by Langevin steps {cite:p}`roberts1996exponential` or, without a gradient, random walks. It solves for the $T$ at which the mean score is that of held-out rows: with $\beta = 1/T$, $\frac{d}{d\beta} \mathbb{E}\, s = -\operatorname{Var} s \le 0$, so there is at most one such $T$. Whether the chains agree is measured by R-hat {cite:p}`vehtari2021rank`.

# %% tags=["remove-input"]
caption = f"Held-out points (grey), draws (blue) and the lowest score on a fine grid (cross) for {len(record['entries'])} detectors of the playground. The mean scores of draws and held-out points are in the table."
alt = "A square panel for each detector. The blue draws cover the grey arc and cloud for KNN, KDE and the mixture of five; they fill most of the square for one Gaussian and COPOD, and form bars for HBOS. Two crosses lie in the empty middle."
figure(fig_typical_points(record), id="anogen-fig-typical-points", caption=caption, alt=alt, records=[record])
table(*table_typical(record))

# %% [markdown]
# Columns 2 to 4 are mean scores relative to the median of held-out points, in their interquartile ranges. A point is near the data if its distance from the nearest training point is at most that of 95% of the held-out points.

# %% [markdown] tags=["book-only"]
# Sampling shows what the score says, not what the data are: one Gaussian remains one Gaussian, and {glue}`gmm_near` of its draws are near the data. The best detector reaches {glue}`best_near`. The lowest points of {glue}`lowest_near` detectors are near the data, but each of them is only one point. The temperature is solved by short runs, and its error is largest for {glue}`worst`, of which the draws score {glue}`missed` interquartile ranges from the target, probably because runs at one temperature rarely cross the gap between the cloud and the arc.

# %% [markdown]
# ## The minimum of a norm is an average
#
# Let $s(x) = \sum_i w_i \lVert x - x_i \rVert^2$ with weights $w_i > 0$ of sum 1. Then $\nabla s = 2 (x - \sum_i w_i x_i)$ vanishes only at the weighted mean. The mean of images is blurred, and may be unlike each of them. The most normal row of one Gaussian is the mean, and that of CBLOF is the mean of a cluster (see {doc}`certificates`).
#
# ## Additive scores have a core
#
# Let $s(x) = \sum_j s_j(x_j)$, as for HBOS, COPOD and ECOD. The minimum takes the best value of each feature, whatever the others are, and $p(x) = \prod_j p_j(x_j)$: the features of a draw are independent. No sampling returns a relation that the score does not contain.
#
# ## A search drifts along blind directions
#
# Let the score depend on $Wx$ alone, with $W$ of 64 rows and images of 784 pixels. By the rank theorem, at least $784 - 64 = 720$ directions change the image and not the score. Selection is blind there, and two laws of averaging remain.
#
# - *Noise floor.* A child has the mean of two parents, of variance $V/2$, and in half of the cases a mutation of variance $\sigma^2$. The variance of the population is stationary if $V = V/2 + \sigma^2/2$, so $V = \sigma^2$.
# - *Drift.* Linear ranks give the parents weights $p_i$ with $\sum p_i^2 = \tfrac43 \cdot \tfrac1P$ for large $P$. The weighted mean of the parents differs from their mean with variance $\sigma^2 (\sum p_i^2 - \tfrac1P) = \tfrac13 \sigma^2 / P$, and the mean of $P$ children from that with $\sigma^2 / P$. After $G$ generations the mean has moved by $\sigma \sqrt{\tfrac43\, G/P}$.
#
# {doc}`deep-svdd` measures both on images.
#
# ## ReLU networks have plateaus
#
# Let $f(x) = V \max(Wx + b, 0)$. Where all inputs $Wx + b$ are negative, $f = 0$ and every score of $f$ is constant, with gradient 0. Descent stops there; a search drifts as along blind directions; a chain accepts every step. If the plateau's score is low, its volume multiplies its share of $p$.
#
# ## An autoencoder's score is 0 at its fixed points
#
# Let $s(x) = \lVert x - g(f(x)) \rVert^2$. Then $s \ge 0$, with $s(x) = 0$ exactly if $x = g(f(x))$. A linear autoencoder with $k$ units projects on a plane of dimension $k$, and all of the plane has the score 0, however far from the data {cite:p}`bouman2025autoencoders`. The curve of zeros that crosses a gap in {doc}`playground` is the same effect.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - The lowest score answers "what is the mode?". Ask "what is typical?" by drawing samples; {doc}`typical-set` does on images.
# - Averages, cores, blind directions, plateaus and fixed points follow from the form of a score; a better search does not remove them.
# - Samples are worth as much as the chains: "not mixed" is a result.
