# %% [markdown]
# # Composing the anomaly score
#
# *What a GAN's score is made of*
#
# The score of a GAN has parts: the residual, what the discriminator says, how far out the latent vector lies. The review of {cite:t}`luer2023anomaly` says how they should be weighed, what restricts the latent space,
# how long one should search, and what an encoder saves. Most of it is reported from other works, without numbers. This page trains small GANs of dense layers on one digit at a time and takes their scores apart; a
# verdict is one on these GANs, not on those works. {doc}`gan-review` has the definitions, {doc}`gan-challenges` the other challenges.
#
# What is chosen, weights or settings, is chosen on validation images. They come from the training set, but the GAN has not seen them. Test images only judge.

# %% tags=["parameters"]
scale = "laptop"
normal = 4
classes = [4, 8]
seeds = 5
iterations = 1500
seed = 0

# %% tags=["remove-input"]
from companion.notebook import figure, load_records, markdown, table
from notebooks.review.gan_scores import figures
from notebooks.review.gan_scores.experiments import METHODS
from notebooks.review.gan_scores.score_parts import WAYS
from notebooks.review.gan_scores.search_budget import EPSILONS

given = {"normal": normal, "classes": classes, "seeds": seeds, "iterations": iterations, "seed": seed}
record = load_records("gan-scores", scale, **given)
parts = record.get("parts")

# %% [markdown]
# ## How the parts are weighed
#
# AnoGAN's score is $(1 - \lambda) \mathcal{L}_{res} + \lambda \mathcal{L}_{disc}$. Before they are added, both parts are divided by their standard deviation over normal validation images, so that $\lambda$ compares
# what can be compared. The discriminator's part is the cross-entropy of the copy, or feature matching.

# %% tags=["remove-input"]
if parts:
    caption = f"ROC AUC on validation images over the weight of the discriminator's part, at {len(parts['marks'])} moments of the training, mean of {parts.parameter('seeds')} seeds; a dot marks the best weight. Above with the cross-entropy of the copy, below with feature matching."
    alt = "Two rows of plots, a column for each class, of lines over λ, each with a dot at its highest point."
    trained = tuple(parts.parameter("classes"))  # at scale quick fewer than this notebook states
    picture = figures.fig_weights(parts, trained)
    figure(picture, id="anogen-fig-gan-weights", caption=caption, alt=alt, records=[parts])
    table(*figures.table_compositions(parts))
    text = "ROC AUC on test images, mean over classes and seeds. The weights are multiples of a tenth; a machine is a support vector machine with a Gaussian kernel, fitted to the validation images and their labels."
    markdown(text)

# %% [markdown]
# ```{verdicts} review-c-03 review-c-04 review-c-23 review-c-24
# ```
#
# ## The latent space
#
# Vectors near each other should give images near each other, and vectors far from the origin, which are hardly ever drawn, should be needed for anomalies only. Truncation forbids them.

# %% tags=["remove-input"]
if parts:
    caption = f"How long the latent vectors are at which AnoGAN's search ends after {parts.parameter('limit')} steps, for normal test images and for others, compared with the distribution of the vectors that the generator was trained on."
    alt = "Two histograms and a bell curve."
    picture = figures.fig_norms(parts, parts.parameter("latent"))
    figure(picture, id="anogen-fig-gan-norms", caption=caption, alt=alt, records=[parts])
    normal_share, other_share = parts["outside"].mean(axis=(0, 1))
    markdown(
        f"Outside of the inner 99% of that law are {normal_share:.1%} of the vectors of normal images and {other_share:.1%} of those of others. The rank correlation of distances of near vectors and of their images is "
        f"{parts['near'].min():.2f} or more; on {parts['jumps'].size} straight lines between two vectors the longest of 20 steps is at most {parts['jumps'].max():.1f} times the median step."
    )
    table(*figures.table_truncations(parts))

# %% [markdown]
# ```{verdicts} review-c-01 review-c-10 review-c-11 review-c-12
# ```
#
# How many numbers should a latent vector have? With too few, the copy cannot follow the image; with too many, it follows anomalies as well.

# %% tags=["remove-input"]
if dimensions := record.get("sizes"):
    caption = f"Error of the copies of normal test images (left) and ROC AUC of the residual (right) by the dimension of the latent space, class {normal}; {dimensions.parameter('seeds')} seeds (thin) and their mean."
    alt = "Two plots of lines over the dimension, on a logarithmic axis."
    picture = figures.fig_latent_sizes(dimensions)
    figure(picture, id="anogen-fig-gan-sizes", caption=caption, alt=alt, records=[dimensions])

# %% [markdown]
# ```{verdicts} review-c-08
# ```
#
# ## The way back
#
# An encoder can be trained after the GAN (f-AnoGAN) or together with it (EGBAD), with or without a loss that makes encoder and generator inverses of each other. Distances can then be taken between images or between codes:
# how far the code lies from the origin, or how far it lies from the code of the copy.

# %% tags=["remove-input"]
if parts:
    caption = f"Test images of the class {trained[0]} and of others in turn, and their copies: by AnoGAN's search and by {len(WAYS)} encoders."
    alt = "Five rows of eight digits: images, and copies of them by four methods."
    figure(figures.fig_copies(parts), id="anogen-fig-gan-copies", caption=caption, alt=alt, records=[parts])
    table(*figures.table_encoders(parts))

# %% [markdown]
# ```{verdicts} review-c-22 review-c-31 review-c-33 review-c-34
# ```
#
# ## How long to search
#
# A search stops when the copy is similar enough, $\epsilon$, or after $n_{max}$ steps. A row's way does not depend on where it stops, so a single search of the longest limit holds every smaller budget.

# %% tags=["remove-input"]
digits, beats = record.get("budget"), record.get("budget-beats")
if digits and beats:
    caption = f"ROC AUC of the residual by tolerance and limit of AnoGAN's search, mean of {digits.parameter('seeds')} seeds: digits, class {normal} (left), and heartbeats (right). Dissimilarity is 1 less a Gaussian kernel."
    alt = "Two tables of numbers on coloured squares."
    picture = figures.fig_budgets(digits, beats)
    figure(picture, id="anogen-fig-gan-budget", caption=caption, alt=alt, records=[digits, beats])
    rows = [
        [f"{epsilon:g}", *(f"{one['differs'][:, e].mean():.0%}" for one in (digits, beats))]
        for e, epsilon in enumerate(EPSILONS)
    ]
    markdown(
        "If the mean of a batch of 64 decides when to stop, it decides otherwise than each row would have by itself for these shares of the rows. Where hardly any row comes as near as $\\epsilon$, both let the search run to its limit, and such a tolerance says nothing about the mean."
    )
    table(("ε", "digits", "heartbeats"), rows)

# %% [markdown]
# ```{verdicts} review-c-25 review-c-26 review-c-32
# ```
#
# ## What training costs, and negatives
#
# A GAN has to learn a distribution, a classifier only a border. The times are those of {doc}`tailored-gan`: an iteration of the WGAN-GP and one of the classifier that it is tailored to. The detector of {doc}`tailored-mnist`, trained on what such a generator makes of unlikely seeds, stands here for one that has learned from negatives; the critic of the same GAN has seen none.
#
# ```{verdicts} review-c-15 review-c-40
# ```
#
# ## The same names in PyOD
#
# PyOD has an AnoGAN, an ALAD and a VAE. With their defaults they are other things than their names say.

# %% tags=["remove-input"]
if theirs := record.get("pyod"):
    table(*figures.table_implementations(theirs))
    code, own = theirs["divergence"].mean(axis=0)
    pyod_vae = METHODS.index("VAE (PyOD)")
    unlike, varied = (theirs[key].mean(axis=0) for key in ("unlike", "varied"))
    penalty = theirs["penalty"].mean()
    markdown(
        f"Class {normal}, {theirs.parameter('training')} training images, record `{theirs.id}`. The scores of PyOD's AnoGAN differ from the distances to one fixed image by {theirs['template'].max():.1g} of their value at most. The "
        f"plain distance from the mean training image reaches an AUC of {theirs['mean_auc'].mean():.3f}. Codes of PyOD's VAE diverge from the prior by {code:.3g} nats (ours: {own:.3g}), and its loss counts {penalty:g} of them. A "
        f"second call changes the score of a row by {unlike[pyod_vae]:.1%}; the copies vary by {varied[pyod_vae]:.2f} of what the rows do, and where that is nothing, the decoder does not listen to the code."
    )
    if theirs["template"].max() < 1e-3:
        markdown("So PyOD's AnoGAN does not search: it compares every row with that one image.")
    if unlike[METHODS.index("ALAD (PyOD)")] > 0:
        markdown("ALAD keeps its dropout when it scores, so that no two calls agree.")
    if penalty == 0 < code:
        markdown("With the default capacity of PyOD's VAE, the divergence is cut to nothing.")
