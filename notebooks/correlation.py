# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Do better detectors draw better?
#
# The thesis {cite:p}`ernst2025evaluating` saw that some of the worst detectors by ROC AUC drew the least normal images, and left open whether the two go together.
# If they did, a drawing would say how good a detector is, without a single anomaly at hand.

# %% tags=["parameters"]
scale = "laptop"
detectors = [
    "autoencoder",
    "cblof",
    "copod",
    "deep-svdd",
    "deep-svdd-untrained",
    "ecod",
    "gmm",
    "hbos",
    "iforest",
    "inne",
    "kde",
    "knn",
    "loda",
    "lof",
    "ocsvm",
    "pca",
    "pyod-autoencoder",
    "vae",
]
classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
clothes = [0, 1, 9]
generations = 1000
seed = 0

# %% tags=["remove-input"]
import base64

from anogen import experiments
from anogen.experiments.correlation import DECIDES, HALVINGS
from anogen.experiments.drawing import generations_of
from anogen.figures.correlation import answer, by_detector, csv, grid, scatter, table
from anogen.figures.tables import markdown
from anogen.generation import Settings
from anogen.publishing import say, show
from anogen.records.at_hand import at_hand

wanted = experiments.wanted(
    "correlation", scale, detectors=detectors, classes=classes, clothes=clothes, generations=generations, seed=seed
)
found = at_hand("correlation", wanted)
kinds = {
    kind: {role.partition("-")[2]: record for role, record in found.items() if role.startswith(kind)}
    for kind in ("digits", "clothes")
}
grids = {kind: grid(of) for kind, of in kinds.items() if len(of) >= 3}
one = next(iter(wanted.values()))
missing = [role for role in wanted if role not in found]
if missing:
    say(f"Of {len(wanted)} records {len(missing)} are still to be computed: {', '.join(missing)}.")

# %% tags=["remove-input"]
if "digits" in grids:
    say(f"**{answer(grids['digits'])}**")
if "clothes" in grids:
    say(f"On clothes (Fashion-MNIST): {answer(grids['clothes'])}")

# %% [markdown]
# ## How it was asked
#
# Each detector is trained with each class as the normal one. One number says how well it detects: the ROC AUC of held-out normal images against images of
# other classes. Another says how good the images are that a search by its score draws. `quality` was chosen for that before anything was computed; it is
# high where an independent classifier recognises the class and the image is as near to real images as real images are. {doc}`sample-quality` has the measures.
#
# An answer is *yes* or *no* only if three things agree: a 95% interval of Spearman's correlation that takes every pair of detector and class as a case of its own, one
# that takes only detectors as cases (those of one detector are alike), and a test that shuffles the detectors' images among the detectors. Otherwise it is *undecided*.

# %% tags=["remove-input"]
say(
    f"Reduced to what two processor cores can do: detectors see at most {one.rows:,} training images, and are judged on all normal and {one.anomalies:,} anomalous test images; "
    f"searches have {one.generations:,} generations of {one.population} images, whose mutation halves {HALVINGS} times on the way, {one.starts} starts and one training a class. "
    f"The thesis's searches score {Settings().population * generations_of('hbos') / (one.population * one.generations):.0f} times as many images. Optima need no search; where they are known they are measured, too."
)

# %% [markdown]
# ## What came out

# %% tags=["remove-input"]
for kind, cells in grids.items():
    show(
        scatter(cells),
        id=f"anogen-fig-correlation-{kind}",
        caption=f"Quality of the images that a search draws against ROC AUC: a mark for each of {len(cells.names)} detectors and {len(cells.classes)} classes ({kind}). Dotted: a detector that guesses.",
        alt="Scatter plot with a symbol and colour for each detector, ROC AUC to the right, quality of the drawn images upwards.",
        records=list(kinds[kind].values()),
    )
    say(markdown(*table(cells)))
    say(
        f"Measures of the images against ROC AUC ({kind}); the sign of `nn_ratio`, which is good where it is small, is turned. `{DECIDES}` of the search decides."
    )
    say(markdown(*by_detector(cells)))
    say("Means over the classes, the best detector first.")

# %% [markdown]
# ## All cells

# %% tags=["remove-input"]
for kind, cells in grids.items():
    text = base64.b64encode(csv(cells).encode()).decode()
    say(
        f'<a download="correlation-{kind}.csv" href="data:text/csv;base64,{text}">Every cell as a table ({kind}, CSV)</a>'
    )

# %% [markdown]
# Where the search's images and the optima disagree, the search had not arrived: with what a perfect search would draw, the question is about detectors alone.
# Either way, a correlation over detectors says nothing about a single one of them: {doc}`passing` and {doc}`deep-svdd` have examples on both sides.
