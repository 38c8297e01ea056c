# %% [markdown]
# # Known optima: the most normal image of each detector
#
# *The most normal points*
#
# A search for the image that a detector finds most normal ends in something unlike a digit. Whose fault is it?
# Perhaps the detector prefers such images. Perhaps the search stopped before it arrived. To look at the image does not tell,
# and the thesis {cite:p}`ernst2025evaluating` had only that.
#
# For many detectors the search is not needed. Where their score is least can be read off its formula. This page shows
# these points, says why nothing is more normal, and then tries hard to prove it wrong.
#
# **Two of them need a caveat.** COPOD and ECOD rank a row among the training rows *and the other rows of its batch*. Their optima are those of rows that are scored alone, and so are all of their scores on this
# page. A search scores a whole population at once, gets other scores, and need not prefer the same image.

# %% tags=["parameters"]
scale = "laptop"
detectors = ["cblof", "gmm", "deep-svdd-untrained", "deep-svdd", "pca", "loda", "hbos", "copod", "ecod", "ocsvm", "kde"]
digit = 4
evaluations = 100000
seed = 0

# %% tags=["remove-input"]
import numpy as np
from pyod.models.hbos import HBOS

from companion.figures.style import short
from companion.figures.tables import join_names
from companion.notebook import figure, has_book_parameters, load_records, markdown, table
from notebooks.beyond.certificates import figures
from notebooks.beyond.certificates.figures import margin, title

certificates = load_records("certificates", scale, detectors=detectors, digit=digit, evaluations=evaluations, seed=seed)
real_images = certificates.pop("real", None)
is_book = has_book_parameters("certificates", globals())

# %% [markdown]
# ## What a certificate is
#
# Call $s(x)$ the anomaly score of a row $x$ of $d$ pixels. A *certificate* is a point $x^*$, its score, and the reason why
#
# $$
# s(x^*) \le s(x) \qquad \text{for all } x \in \mathbb{R}^d .
# $$ (certificate)
#
# The claim is about all rows of real numbers, not only about those that are images. If the point happens to lie in
# $[0, 1]^d$, it is the most normal image as well.
#
# There are two kinds. A certificate is *proved* if the reason is an argument that holds for the fitted detector at hand. It is *numerical*
# if an iteration that only descends ended there from many starts: then another point might still be lower.
#
# Once $x^*$ is known, every generated image has a *gap*: how far it is from the nearest such point, and how much its score
# exceeds the least. A large gap is the search's fault. If the gap is small and the image is no digit, it is the detector's.

# %% tags=["remove-input"]
table(*figures.table_certificates(certificates))

# %% [markdown]
# Two reasons return again and again. A *distance* is least where it is zero: at a centre, at a mean, at an image that the
# network takes to the middle of its sphere. A *sum of one term for each pixel* is least where every term is; one looks for the best
# value of each pixel alone, whatever the others are. The second is the case of HBOS, COPOD and ECOD, and of LODA with its projections
# in place of pixels.

# %% [markdown]
# ## What each detector believes

# %% tags=["remove-input"]
caption = f"The most normal image of each detector that was trained on class {digit} (left of each pair), and the held-out real image with the median score (right). Above them: their anomaly scores; of COPOD and ECOD, those of an image scored alone. Lower is more normal."
alt = "Pairs of small grey images with scores above them, one pair for each detector."
if is_book:
    alt += " On the left, blurred or hollow shapes; on the right, handwritten digits with higher scores."
picture = figures.fig_most_normal(certificates)
figure(picture, id="anogen-fig-most-normal", caption=caption, alt=alt, records=list(certificates.values()))

# %% tags=["remove-input"]
lower = sum(int((r["test_normal_scores"] < r["optimum_score"] - r["slack"]).sum()) for r in certificates.values())
total = sum(r["test_normal_scores"].size for r in certificates.values())
nearest = {name: margin(record, record["test_normal_scores"].min()) for name, record in certificates.items()}
first, last = min(nearest, key=nearest.get), max(nearest, key=nearest.get)
several = {name: len(r["optimum_points"]) for name, r in certificates.items() if len(r["optimum_points"]) > 1}
equals = [f"{title(name)} has {n} equally normal points, of which one is shown." for name, n in several.items()]
markdown(
    f"Of {total} scores of held-out real images, {lower} are below the optimum's. The best real image is above it by "
    f"{short(nearest[first])} ({title(first)}) to {short(nearest[last])} ({title(last)}) interquartile ranges of the training scores. {' '.join(equals)}"
)

# %% [markdown] tags=["book-only"]
# There are four families.
#
# - *Blurred means.* A distance to one point is least at that point, and what detectors take distances to are means: of a cluster (CBLOF), of
#   all images (GMM, the untrained Deep SVDD), or something close to it (PCA, OCSVM). They are recognisable.
# - *Cores.* HBOS, COPOD and ECOD ask each pixel for its own best value. No term knows of another pixel, so nothing draws a stroke to its end: only the pixels that
#   most digits share are bright.
# - *Anything that the detector does not see.* LODA looks at sparse projections, Deep SVDD through a few active units. All
#   else is free, and is used: for LODA the result is noise.
# - *A training image.* KDE's kernel is narrow beside the distances between images, so each image is a peak of its own. Its most normal point
#   is the only sharp handwritten digit among the optima.
#
# Where the score has steps (HBOS, LODA), the point is one of a whole region of equals; the figure shows the one that is deepest inside, and another
# would look different. The same holds for Deep SVDD, where the image nearest to the mean, in a sense, was chosen.
#
# LODA passes {doc}`audit` without a finding. That is no contradiction: the audit asks how given rows score, among them uniform noise, which LODA scores above real images. It does not ask which image
# scores lowest. The lowest is sparse noise, which none of the audit's probes resembles.
#
# %% tags=["remove-input"]
if "loda" in certificates:
    loda = certificates["loda"]
    at = dict(zip(loda["attempts"].tolist(), loda["lowest"].tolist(), strict=True))
    real = loda["test_normal_scores"]
    markdown(
        f"LODA's numbers: its optimum scores {float(loda['optimum_score']):.4f}, the best of {real.size} held-out real images {real.min():.4f}, their median {np.median(real):.4f}, and the lowest of all uniform noise {at['uniform noise']:.4f}."
    )

# %% [markdown] tags=["book-only"]
# So on most of these detectors, a perfect search would not draw a realistic digit. And no search would tell that from a
# search that failed.

# %% tags=["remove-input"]
if "hbos" in certificates and real_images:
    hbos, detector = certificates["hbos"], HBOS()
    black = int((real_images["pixel_mean"] == 0).sum())  # black in every training image
    cost = np.log2((detector.n_bins + detector.alpha) / detector.alpha)  # a density of 1 in one bin of width 1 / n_bins
    above = float(np.median(hbos["test_normal_scores"]) - hbos["optimum_score"])
    markdown(f"""```{{admonition}} Why a black border costs HBOS points
PyOD counts a pixel in bins that contain their lower edge, and scores it in bins that contain their upper edge. A pixel that is always 0 is counted in the bin from 0 to 0.1 and scored in the empty bin below, so
every real image loses $\\log_2 ((n + \\alpha) / \\alpha)$ = {cost:.2f} at each of the {black} pixels that are black in all training images of class {digit}: {black * cost:,.0f} of the {above:,.0f} by which the median real image scores above the optimum.
A border of a very dark grey, as the optimum has, does not lose them.
```""")

# %% tags=["remove-input"]
pairs = [("gmm", "deep-svdd-untrained"), ("gmm", "ocsvm"), ("copod", "ecod"), ("copod", "hbos")]
points = {name: record["optimum_points"][0].astype(float) for name, record in certificates.items()}
apart = [
    f"{title(a)} and {title(b)} {np.linalg.norm(points[a] - points[b]):.2f}"
    for a, b in pairs
    if a in points and b in points
]
if "kde" in points:
    best = certificates["kde"]["images"][0].astype(float)  # of the first attempt: training images
    text = f"KDE's most normal point is {np.linalg.norm(points['kde'] - best):.2f} (L2) from the training image that KDE finds most normal."
    markdown(text)
if apart:
    markdown(f"Distances (L2) between the most normal points of two detectors: {'; '.join(apart)}.")

# %% [markdown]
# ## Trying to beat them
#
# An argument can be wrong, and so can the code that computes the point. So each certificate is put to the test: we look for a lower
# score by all means that we have. If one is found, the certificate is false.
#
# Some attempts do not know the point: all training images and their mean; images of one grey; uniform and normal noise, clipped and
# not; images whose pixels are each from another training image; descents by the gradient (L-BFGS, within $[0, 1]^d$ and without bounds),
# where there is one, from means, noise and real images; evolution from noise and from real images. Others start beside the point: rows on the way
# to a training image; random steps with three standard deviations, in all pixels or in a hundredth of them; descents; and evolution.

# %% tags=["remove-input"]
beaten = [name for name, r in certificates.items() if r["lowest"].min() < r["optimum_score"] - r["slack"]]
counts = [int(r["evaluations"].sum()) for r in certificates.values()]
caption = f"How far above the optimum each kind of attempt ends, for detectors trained on class {digit}: one mark for each kind. The unit is the interquartile range of the training scores. What is nearer than $10^{{-9}}$, or equal, is drawn on the dotted line. At least {min(counts):,} evaluations a detector."
alt = "A row of marks for each detector on a logarithmic axis."
if is_book:
    alt += " No mark is left of the dotted line; attempts that start next to the optimum are near it, most others far to its right."
picture = figures.fig_margins(certificates)
figure(picture, id="anogen-fig-certificates", caption=caption, alt=alt, records=list(certificates.values()))
result = f"**{len(beaten)} of {len(certificates)} certificates were beaten** ({join_names(list(map(title, beaten)))})"
none = f"**None of {len(certificates)} certificates was beaten**"
markdown(f"{result if beaten else none}, in {sum(counts):,} evaluations.")

# %% tags=["remove-input"]
table(*figures.table_attempts(certificates))
arrived = [name for name, r in certificates.items() if margin(r, r["lowest"][~r["knows"]].min()) < 1e-6]
markdown(
    "Differences are in interquartile ranges of the training scores; what rounding explains is 0. "
    f"Without knowing where it is, some attempt found the optimum of {join_names(list(map(title, arrived)))} within a millionth. "
    f"For the others, no attempt from elsewhere came that near. (The mean of the training images is one of the attempts. Where that is the optimum, as for GMM and the untrained Deep SVDD, "
    "it is found from the outset, and no search is needed.)"
)

# %% [markdown]
# The last sentence is the reason for this page. Where the searches end well above the optimum, their images say little about the detector.
# For a test of the test, the package's own tests move each point by a tenth of the pixels' range and repeat a smaller number of the same
# attempts: they then do find lower scores.

# %% [markdown]
# ## Points outside of the images
#
# The claim {eq}`certificate` is about all real rows. A point with negative pixels satisfies it, but is not an image. Where that happens, the score is minimised over $[0, 1]^d$ as well.
# The figure above, and the quality of optima on other pages, use that image.

# %% tags=["remove-input"]
ranges = {name: record["pixel_range"] for name, record in certificates.items()}
outside = [name for name, (low, high) in ranges.items() if low < -1e-9 or high > 1 + 1e-9]
if not outside:
    markdown("All points of this page lie in $[0, 1]^d$, so they are the most normal images, too.")
for name in outside:
    record = certificates[name]
    markdown(
        f"The point of {title(name)} has pixels from {ranges[name][0]:.2f} to {ranges[name][1]:.2f} and scores {short(float(record['optimum_score']))}. "
        f"The most normal image scores {short(float(record['box_score']))}, {short(margin(record, record['box_score']))} interquartile ranges above it ({record['box_kind']}: {record['box_why']}). "
        f"The best image that the attempts found is {short((float(record['best_image_score']) - float(record['box_score'])) / float(record['spread']))} above that."
    )
if outside and len(outside) < len(ranges):
    markdown("All other points lie in $[0, 1]^d$.")
