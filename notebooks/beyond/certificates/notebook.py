# %% [markdown]
# # Known optima: the most normal image of each detector

# %% [markdown] tags=["book-only"]
# ```{glance} certificates
# question: If a search ends in an image unlike a digit, is it the detector's preference, or did the search stop early?
# here: For {glue}`count` detectors of fours we compute the image with the lowest possible score, give the reason why nothing scores lower, and test the reason with {glue}`evaluations` other images. The thesis has no such reference.
# finding: {glue}`proved` of {glue}`count` optima are proved, {glue}`unbeaten` of {glue}`count` withstood every attempt to score lower, and only one of them is a sharp handwritten digit.
# ```

# %% [markdown]
# The thesis {cite:p}`ernst2025evaluating` judges a detector by the images that a search finds. For many detectors no search is needed: the point of the lowest score follows from the formula of the score.

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
from companion.notebook import figure, glue, load_records, markdown, table
from notebooks.beyond.certificates import figures
from notebooks.beyond.certificates.figures import margin, title

certificates = load_records("certificates", scale, detectors=detectors, digit=digit, evaluations=evaluations, seed=seed)
real_images = certificates.pop("real", None)
beaten = [name for name, r in certificates.items() if r["lowest"].min() < r["optimum_score"] - r["slack"]]
tried = [int(r["evaluations"].sum()) for r in certificates.values()]
glue(
    count=len(certificates),
    proved=sum(str(r["kind"]) == "proved" for r in certificates.values()),
    unbeaten=len(certificates) - len(beaten),
    evaluations=f"{sum(tried):,}",
)

# %% [markdown]
# ## What a certificate is
#
# Let $s(x)$ be the anomaly score of a row $x$ of $d$ pixels. A *certificate* is a point $x^*$, its score, and the reason why
#
# $$
# s(x^*) \le s(x) \qquad \text{for all } x \in \mathbb{R}^d .
# $$ (certificate)
#
# The point $x^*$ is called the *optimum*. A certificate is *proved* if an argument holds for the fitted detector. It is *numerical* if a descent from many starts ended there: then another point might score lower.
#
# With a known optimum, every generated image has a *gap*: its distance from the optimum, and the difference of their scores. A large gap means that the search stopped early. If the gap is small and the image is not a digit, the detector prefers such images.

# %% tags=["remove-input"]
table(*figures.table_certificates(certificates))

# %% [markdown]
# Two reasons occur repeatedly. A *distance* is minimal where it is zero: at a centre, at a mean, at an image that the network maps to the centre of its sphere. A *sum with one term per pixel* (HBOS, COPOD, ECOD; LODA with projections instead of pixels) is minimal where each term is.
#
# COPOD and ECOD rank a row among the training rows and the other rows of its batch. Their optima and their scores on this page are those of rows scored alone. A search scores a whole population at once, so it may prefer another image.

# %% [markdown]
# ## The most normal image of each detector

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`below` of {glue}`real_scores` scores of held-out real images are below the optimum's. Most optima are blurred, hollow or noisy; KDE's is the only sharp digit.

# %% tags=["remove-input"]
caption = f"The most normal image of each detector of class {digit} (left of each pair) and the held-out real image with the median score (right). Above: the score of the optimum minus that of the median image, in interquartile ranges of the training scores."
alt = f"Pairs of small grey images, one pair each for {', '.join(map(title, certificates))}. All optima score below the real image next to them."
picture = figures.fig_most_normal(certificates)
figure(picture, id="anogen-fig-most-normal", caption=caption, alt=alt, records=list(certificates.values()))
lower = sum(int((r["test_normal_scores"] < r["optimum_score"] - r["slack"]).sum()) for r in certificates.values())
glue(below=lower, real_scores=f"{sum(r['test_normal_scores'].size for r in certificates.values()):,}")

# %% [markdown] tags=["book-only"]
# There are four families.
#
# - *Blurred means.* A distance to one point is minimal there, and these points are means: of a cluster (CBLOF), of all images (GMM, the untrained Deep SVDD), or nearly so (PCA, OCSVM). They are recognisable.
# - *Cores.* HBOS, COPOD and ECOD choose the best value of each pixel alone. Only pixels that most digits share are bright.
# - *Free pixels.* LODA sees sparse projections, Deep SVDD a few active units. The rest of the image is free; for LODA the optimum is noise.
# - *A training image.* KDE's kernel is narrow compared with the distances between images, so each training image is a peak. Its optimum is {glue}`kde_distance` (Euclidean distance) from the training image that scores lowest.
#
# HBOS and LODA have scores with steps, so their optimum is one of a whole region of equals; the figure shows the one deepest inside. Deep SVDD's is the one closest to the mean image. CBLOF has {glue}`centres` optima, one per large cluster.
#
# A perfect search on most of these detectors would therefore not find a realistic digit. Without the optimum, this cannot be distinguished from a search that failed.
#
# LODA's optimum is noise, which the check *prefers noise* of the {doc}`audit` does not show: it scores uniform noise, and LODA scores that above real images (at least {glue}`loda_noise`, against a median of {glue}`loda_real`). Its optimum, sparse noise, has {glue}`loda_optimum`. The check *absurd optimum* searches for such rows.

# %% tags=["remove-input"]
none = {"optimum_points": [], "images": [np.nan], "test_normal_scores": [np.nan], "optimum_score": np.nan}
kde, loda, cblof = (certificates.get(name, none) for name in ("kde", "loda", "cblof"))
of_attempts = (
    dict(zip(loda["attempts"].tolist(), loda["lowest"].tolist(), strict=True)) if "loda" in certificates else {}
)
apart = [np.linalg.norm(point.astype(float) - kde["images"][0].astype(float)) for point in kde["optimum_points"][:1]]
glue(
    kde_distance=f"{sum(apart):.2f}",
    centres=len(cblof["optimum_points"]),
    loda_optimum=f"{float(loda['optimum_score']):.4f}",
    loda_real=f"{np.median(loda['test_normal_scores']):.4f}",
    loda_noise=f"{of_attempts.get('uniform noise', np.nan):.4f}",
)
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

# %% [markdown]
# ## Attempts to score lower
#
# An argument can be wrong, and so can its code. We therefore look for lower scores than the optimum's. Some attempts do not know the optimum: training images and their mean; uniform grey, uniform and normal noise; images whose pixels come from different training images;
# gradient descent (L-BFGS) from means, noise and real images; evolution from noise and from real images. Others start near it: rows between the optimum and a training image, random steps, gradient descent and evolution.

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`unbeaten` of {glue}`count` certificates withstood {glue}`evaluations` evaluations. Attempts that do not know the optimum come within a millionth of it only for {glue}`arrived`.

# %% tags=["remove-input"]
caption = f"How far above the optimum each kind of attempt ends, in interquartile ranges of the training scores, for detectors of class {digit}; one mark per kind. Differences below $10^{{-9}}$ are on the dotted line. At least {min(tried):,} evaluations per detector."
alt = f"A row of marks for each detector on a logarithmic axis. Attempts beat the optimum of {len(beaten)} of {len(certificates)} detectors."
picture = figures.fig_margins(certificates)
figure(picture, id="anogen-fig-certificates", caption=caption, alt=alt, records=list(certificates.values()))
arrived = [name for name, r in certificates.items() if margin(r, r["lowest"][~r["knows"]].min()) < 1e-6]
glue(arrived=join_names(list(map(title, arrived))))
table(*figures.table_attempts(certificates))

# %% [markdown]
# Differences from the optimum's score, in interquartile ranges of the training scores; 0 includes rounding. The mean of the training images is one of the attempts, so it finds the optimum of GMM and of the untrained Deep SVDD at once.
#
# Where searches end well above the optimum, their images say little about the detector. As a check of the check, the project's tests move each optimum by a tenth of the pixel range: the same attempts then do find lower scores.

# %% [markdown]
# ## Optima outside the range of images
#
# Inequality {eq}`certificate` holds for all real rows. If the optimum has pixels outside $[0, 1]$, it is not an image. The score is then minimised over $[0, 1]^d$ as well, and the figure above shows that image.

# %% tags=["remove-input"]
ranges = {name: record["pixel_range"] for name, record in certificates.items()}
outside = [name for name, (low, high) in ranges.items() if low < -1e-9 or high > 1 + 1e-9]
rows = [
    [
        title(name),
        f"{ranges[name][0]:.2f} to {ranges[name][1]:.2f}",
        short(margin(certificates[name], certificates[name]["box_score"])),
        str(certificates[name]["box_kind"]),
    ]
    for name in outside
]
if rows:
    table(("detector", "pixels of the optimum", "score of the most normal image, minus optimum", "kind"), rows)

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - For {glue}`count` detectors the image with the lowest score is known; {glue}`proved` of these optima are proved.
# - Most are not realistic digits, so a better search would not generate one.
# - With the optimum, a bad image can be attributed to the detector or to the search.
