# %% [markdown]
# # CBLOF: a worked example of a known optimum
#
# *Why CBLOF draws one image*
#
# Of the nine detectors that {doc}`other-detectors` compares, CBLOF {cite:p}`he2003discovering` is the clearest case: its search ends in a
# recognisable digit, every start ends in the same one, and training it anew gives another. The thesis
# {cite:p}`ernst2025evaluating` concludes that it captures a small part of the distribution. This page asks why, and finds half of the reason
# in the search.

# %% tags=["parameters"]
scale = "laptop"
detector = "cblof"
digit = 4
generations = 30000
population = 150
k = 0.0
trainings = 5
starts = 8
seed = 0
dataset = ""  # mnist; fashion_mnist, cifar10 or a path to an .npz of your own
selection = "linear"  # or tournament, truncation

# %% tags=["remove-input"]
import numpy as np

from anogen import detectors
from companion.notebook import figure, load_records, markdown, table
from notebooks.thesis.cblof.figures import fig_arrival, fig_centres, nearest_optima, table_searches

records = load_records(
    "cblof", scale, detector=detector, digit=digit, generations=generations, population=population, k=k,
    trainings=trainings, starts=starts, seed=seed, dataset=dataset, selection=selection,
)  # fmt: skip
search, quality = records["retraining"], records["retraining-quality"]
name = detectors.parse_spec(detector)[0]
title = detectors.entry(name).title
training_names = f"{search['scores'].shape[0]} trainings, {search['scores'].shape[1]} starts each"


def span(numbers):
    return f"{min(numbers)}" if min(numbers) == max(numbers) else f"{min(numbers)} to {max(numbers)}"


if name != "cblof":
    markdown(f"The figures of this page are drawn from {title}; the passages on clusters and centres speak of CBLOF.")

# %% [markdown]
# ## What the score is
#
# CBLOF groups the training images into eight clusters. The clusters that together hold nine tenths of the images are
# *large*, the others *small*. An image's score is its distance to the nearest centre of a large cluster:
#
# $$
# s(x) = \min_{j \in \text{large}} \lVert x - c_j \rVert .
# $$ (cblof-score)
#
# PyOD words it differently. It first asks which of all eight centres is the nearest, and takes the distance to that one
# if its cluster is large, else to the nearest large one {cite:p}`zhao2019pyod`. Either way the result is
# {eq}`cblof-score`.
#
# There is a catch in training it anew. PyOD looks for the smallest number of clusters, largest first, that hold nine tenths of the
# images; it never counts the smallest cluster. If even the smallest holds more than a tenth, there is no such number, and
# `fit` ends in an error. Eight clusters of almost equal size do that. We then try the next seed, as a user would.

# %% tags=["remove-input"]
refused = int((search["tried"] - 1).sum())
markdown(f"""For the {search["tried"].size} trainings of this page, the number of seeds refused in this way is
    {refused}.""")

# %% [markdown]
# So here the answer to the thesis's question is known before any search. A distance cannot be less than zero, and it
# is zero at each large centre. **The most normal images are the large centres**, whatever they look like. A centre is a
# mean of many digits that resemble one another, so one expects a slightly blurred digit. What is left to see is whether
# the search finds a centre, and which.

# %% tags=["remove-input"]
shown = " {numref}`thesis-fig-6.18` shows them." if (detector, digit, dataset) == ("cblof", 4, "") else ""
markdown(f"""Of the {quality["normal_looking"].size} images that the search draws, {quality["normal_looking"].mean():.0%} are normal looking, and
    those of one training are {quality["mean_pairwise"].min():.2f} to {quality["mean_pairwise"].max():.2f} apart on average (L2), where two real
    images of the class are {float(quality["pairwise"]):.2f} apart.{shown}""")

# %% [markdown]
# ## Why every start ends in the same image
#
# There are several large centres, and each is as good as any other: all have score zero.

# %% [markdown] tags=["book-only"]
# Yet the starts of one training agree on one of them.

# %% tags=["remove-input"]
if "optimum_points" in search.arrays:
    ended = nearest_optima(search)
    caption = f"All most normal images of {title}: the centres of its large clusters, a row for each training. The number below a framed centre counts the starts that ended there."
    alt = "Rows of blurred images, the cluster centres, one row for each training. Those where starts ended are framed, with the number of starts below."
    figure(fig_centres(search), id="anogen-fig-cblof-centres", caption=caption, alt=alt, records=[search])
    visited = [len(np.unique(row)) for row in ended]
    available = [int((~np.isnan(points).any(axis=1)).sum()) for points in search["optimum_points"]]
    markdown(f"Of {span(available)} large centres, the starts of one training reach {span(visited)}.")

# %% [markdown]
# The start explains it. For an image $x$ of uniform noise, the squared distance to a centre $c$ is, up to a part that all centres
# share and a small random one,
#
# $$
# \lVert x - c \rVert^2 \approx \text{const} - \sum_i c_i (1 - c_i) ,
# $$ (greyness)
#
# because a noise pixel is one half on average. The nearest centre is the *greyest*, the one with the largest sum on the right: a mean of
# digits that agree least with one another. In so many dimensions the random part is smaller than the difference between
# centres, so every start lies on the same centre's side.

# %% tags=["remove-input"]
if "optimum_points" in search.arrays:
    points = search["optimum_points"].astype(float)
    greyest = np.nanargmax((points * (1 - points)).sum(axis=-1), axis=-1)
    hits = int((ended == greyest[:, None]).sum())
    markdown(f"{hits} of {ended.size} searches ended in the greyest centre of their training.")

# %% [markdown] tags=["book-only"]
# The thesis concludes that CBLOF captures only a small part of the distribution. More exactly, *the search from noise
# reaches only one of the points that the detector holds to be perfectly normal*. The detector has more to offer than the
# starting law lets it show.

# %% [markdown]
# ## How near it comes
#
# The search does not end at score zero. Mutations never stop, so the population is a cloud around the point that it has
# reached. Without selection, averaging halves the variance $V$ of a pixel in each generation, and mutating half of the
# children with deviation $\sigma$ adds $\sigma^2 / 2$. The cloud is stationary where
#
# $$
# V = \tfrac{1}{2} V + \tfrac{1}{2} \sigma^2 \quad\Longrightarrow\quad V = \sigma^2 .
# $$ (noise-floor)
#
# So with $d$ pixels an image is $\sigma \sqrt d$ away from the mean of its population. That mean is not at the optimum either. As a rule of thumb, which we have not derived, the best image stays
# $\sigma \sqrt{2 d}$ away from the optimum.

# %% tags=["remove-input"]
d = search["images"].shape[-1]
floor = search.parameter("sigma") * np.sqrt(2 * d)
caption = f"The lowest score of the population, generation by generation, for {training_names}. Dashed: the rule of thumb for the distance at which the mutations keep the image."
alt = "Lines of the lowest score on logarithmic axes, one for each start, and a dashed line at the rule of thumb."
figure(fig_arrival(search, floor), id="anogen-fig-cblof-arrival", caption=caption, alt=alt, records=[search])
gap, real = search["gap"], search["test_normal_scores"]
text = f"The median score of held-out real images of the class is {np.median(real):.2f}."
if np.isfinite(gap).any():
    distance = f"{np.nanmin(gap):.3f} to {np.nanmax(gap):.3f}"
    text = f"The images end {distance} from a large centre; the rule of thumb gives {floor:.3f}. {text}"
if search["scores"].max() < real.min():
    image = "its own blurred mean" if name == "cblof" else "every generated image"
    text += (
        f" So {title} finds {image} more normal than every real image: an image that scores best is not a typical one."
    )
markdown(text)

# %% [markdown] tags=["book-only"]
# The agreement is good, and for the wrong reason.

# %% [markdown]
# If each run kept a distance of its own making, images of two runs would be
# $\sqrt{2}$ times as far from one another as from the centre.

# %% [markdown] tags=["book-only"]
# Instead they share most of their error:

# %% tags=["remove-input"]
if "optimum_points" in search.arrays:
    images = search["images"].astype(float)
    nearest = np.take_along_axis(points, ended[..., None], axis=1)
    error = images - nearest  # (trainings, starts, pixels)
    shared = error.mean(axis=1)
    own = np.sqrt(error.var(axis=1, ddof=1).sum(axis=-1))
    black = nearest[:, 0] < 0.005
    from_black = (shared**2 * black).sum() / (shared**2).sum()
    text = f"""The shared error has a length of {np.linalg.norm(shared, axis=-1).mean():.3f}, what a single run adds {own.mean():.3f}."""
    if black.any():
        text += f"""
        And {from_black:.0%} of the shared error's square lies in the pixels that are black in the centre, which are
        {shared[black].mean():.4f} too bright on average, {shared[black].mean() / search.parameter("sigma"):.1f} times the mutation's
        deviation; all other pixels are off by {shared[~black].mean():.4f}."""
    markdown(text)

# %% [markdown]
# A black pixel cannot be mutated downwards: what falls below zero is clipped, what rises stays. So the border of the image is
# pushed up in every generation, and selection, which sees one score for all pixels, cannot hold it down.

# %% [markdown] tags=["book-only"]
# That faint grey veil is visible in {numref}`thesis-fig-6.18` and it is the optimiser's, not the detector's.

# %% [markdown]
# Whether pixels are clipped at all is one of the choices that the thesis leaves open.
#
# ## If the search was another
#
# So we ran it without clipping, and once more with parents drawn evenly from the better half (*truncation*) in place of a
# probability that falls linearly with the rank.

# %% [markdown] tags=["book-only"]
# The verdicts on {doc}`other-detectors` are taken over all three.

# %% tags=["remove-input"]
roles = {"without clipping": "retraining-unclipped", "truncation": "retraining-truncation"}
searches = {"as in the figure": search} | {name: records[role] for name, role in roles.items()}
qualities = {"as in the figure": quality} | {name: records[f"{role}-quality"] for name, role in roles.items()}
table(*table_searches(searches, qualities))
