# %% [markdown]
# # AnoRand on synthetic data and MNIST
#
# *Anomalies made of noise*

# %% [markdown] tags=["book-only"]
# ```{glance} anorand
# question: Can a detector learn from anomalies that it makes itself, by adding noise to normal rows?
# source: AnoRand adds a noise detection block to an autoencoder and combines both outputs in one score. It detects sevens among ones better than autoencoders of the same size.
# here: The paper's layers, epochs and batch size. The artificial data are not fully described, so there are two readings; the one that carries the figure numbers has {glue}`rows` training rows and {glue}`runs` runs (paper: 20,000 and 10).
# finding: The reconstruction error of AnoRand detects sevens among ones with a ROC AUC of {glue}`ae_roc`, but the printed weights make the combined score follow the noise detection, which has {glue}`mlp_roc`; the score reaches {glue}`score_roc`.
# ```

# %% [markdown]
# AnoRand {cite:p}`zoubeirou2023anorand` trains without real anomalies. It disturbs a few training rows with noise and labels them anomalous. One network then learns to detect these rows and, with a shared decoder,
# to reconstruct the others.

# %% tags=["parameters"]
scale = "laptop"
seed = 0
settings = ["informative", "defaults"]
normal = 1
anomaly = 7
digit = 4
drawn = ["anorand", "autoencoder"]

# %% tags=["remove-input"]
import numpy as np

from anogen.detectors import CATALOGUE
from companion.figures.style import short
from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, markdown, table
from notebooks.anorand.anorand import figures
from notebooks.anorand.anorand.variants import MODELS
from notebooks.anorand.common import SETTINGS

options = {"settings": settings, "normal": normal, "anomaly": anomaly, "digit": digit, "drawn": drawn}
records = load_records("anorand", scale, seed=seed, **options)
like_source = (normal, anomaly) == (1, 7)  # the digits of its Figs. 6 and 7


def number(role, read):
    """Return a number of the record with this role as text; a dash if a reader chose to leave that record out."""
    return read(records[role]) if role in records else "–"


def show_sweep(setting, kind, number, over):
    """Show the boxes of a sweep in one setting; nothing if its record is missing."""
    if (r := records.get(f"{kind}-{setting}")) is None:
        return
    ap = np.median(r["ap"][..., 0], axis=0)
    short_kind = {"weights": "w"}.get(kind, kind)
    figure(
        getattr(figures, f"fig_{number}")(r),
        id=f"anorand-fig-{number}" if setting == "informative" else f"anogen-fig-anorand-{short_kind}-{setting}",
        caption=f"AUC PR (a) and ROC AUC (b) of AnoRand's score over {over}, reading *{setting}*; lines: medians of its two outputs alone. {r.parameter('runs')} runs, {r.parameter('rows'):,} training rows, {r.parameter('epochs')} epochs.",
        alt=f"Two panels of box plots. The median AUC PR goes from {ap[0]:.2f} at {r['values'][0]:g} to {ap[-1]:.2f} at {r['values'][-1]:g}; its maximum is {ap.max():.2f} at {r['values'][ap.argmax()]:g}.",
        records=[r],
    )


def median_at(output, value, measure="ap"):
    """Return a function from a sweep's record to the median of an output (0: score, 1: y_mlp, 2: y_AE) at a value."""
    return lambda r: f"{np.median(r[measure][:, np.abs(r['values'] - value).argmin(), output]):.2f}"


# %% [markdown]
# ## Fig. 1: the network
#
# **The paper:** two blocks read the same input, one decoder reads both, and there are two outputs.
#
# **Here:** the same network, with a corrected loss; the printed one unlearns the labels or rewards bad reconstructions.

# %%
caption = "AnoRand's network: two blocks on one input, one decoder on both, and two outputs. The numbers are the widths of the layers."
alt = "Boxes and arrows. The input leads to the noise detection block, above, and to the encoder, below. The hidden layer of the first and the output of the second lead together to the decoder, which gives the reconstruction. The noise detection block also gives a probability."
figure(figures.fig_1(), id="anorand-fig-1", caption=caption, alt=alt)

# %% [markdown]
# The *noise detection block* returns the probability $\hat y_{mlp}$ that the row was disturbed, the *encoder* a vector $z_1$; the decoder maps $z = (z_0, z_1)$ to a reconstruction $\hat x$. The paper describes $z_0$ both as the last
# hidden layer, which we use, and as the probability itself (`inc-anorand-11`), and gives the block three names (`inc-anorand-12`).
#
# The loss weighs both tasks by $w$. Eq. 3 is a log-likelihood without its minus sign, so that minimising Eq. 4 unlearns the labels (`inc-anorand-04`). The expanded form has one minus in front of everything, which
# rewards bad reconstructions (`inc-anorand-05`). The loss that learns both is
#
# $$
# \mathcal L = (1-w) \sum_i (1-y_i) \lVert x_i - \hat x_i \rVert^2 - w \sum_i \left[ y_i \log \hat y^i_{mlp} + (1-y_i) \log (1-\hat y^i_{mlp}) \right] ,
# $$ (anorand-loss)
#
# with the square that the text states and Eq. 2 omits (`inc-anorand-07`). One sentence on $1-w$ contradicts the formula (`inc-anorand-06`): near $w = 1$ detection dominates.
#
# ## Fig. 2: synthetic labels
#
# **The paper:** SMOTE {cite:p}`chawla2002smote`, which places new rows between neighbours, and Gaussian noise give synthetic anomalies that are not overly distinct from normal rows.

# %% [markdown] tags=["book-only"]
# **Here:** with noise of {glue}`least_noise` standard deviations, a synthetic anomaly is as close to the nearest normal row ({glue}`near_least`) as a held-out normal row is ({glue}`near_held_out`); with {glue}`most_noise` it is farther away ({glue}`near_most`; *informative* reading).

# %%
caption = "How synthetic labels are made: a few training rows are disturbed by Gaussian noise, multiplied by SMOTE, and added to the others."
alt = "Boxes and arrows from the training rows X: 98% of them go straight to the training set with label 0, 2% pass through a box that adds noise and a box SMOTE, and join with label 1."
figure(figures.fig_2(), id="anorand-fig-2", caption=caption, alt=alt)

# %% tags=["remove-input"]
if "labels" in records:
    r = records["labels"]
    caption = f"Mean distance of synthetic anomalies to the nearest normal training row, features standardised, over the standard deviation of the noise; grey: held-out normal rows. {r.parameter('runs')} runs with {r.parameter('rows'):,} rows."
    near = r["distance"].mean(axis=1)[list(SETTINGS).index("informative")]
    alt = f"Two panels with rising lines for three kinds of synthetic anomalies and a flat line for held-out rows at {near[0, 0]:.1f} (informative), which they cross."
    figure(figures.fig_labels(r, list(SETTINGS)), id="anogen-fig-anorand-labels", caption=caption, alt=alt, records=[r])
    glue(
        least_noise=f"{r['noise'][0]:g}",
        most_noise=f"{r['noise'][-1]:g}",
        near_least=f"{near[0, 1]:.2f}",
        near_held_out=f"{near[0, 0]:.2f}",
        near_most=f"{near[-1, 1]:.2f}",
    )

# %% [markdown]
# The paper disturbs 2% of the rows in three places and has 5% of synthetic anomalies in a fourth (`inc-anorand-03`): here 2% are disturbed, and SMOTE makes 5% of them. It names a third component of the training set without
# defining it (`inc-anorand-10`).
#
# ```{verdicts} anorand-c-30 anorand-c-31
# ```
#
# ## Fig. 3: weight of the noise detection block
#
# **The paper:** AUC PR and ROC AUC rise up to $w = 0.2$ and fall very fast above.

# %% [markdown] tags=["book-only"]
# **Here:** in the *informative* reading the median AUC PR of the score rises from {glue}`w_none` at $w = 0$ to {glue}`w_low` at 0.2 and does not fall above: it is {glue}`w_high` at 0.9. The reconstruction error alone has {glue}`w_ae` at 0.2.

# %% [markdown]
# The data are 20,000 rows of scikit-learn's `make_classification`, 5% of them of the other class. The features, and whether the other class is among the training rows, are not stated; hence two readings:

# %% tags=["remove-input"]
markdown("\n".join(f"- *{name}*: {SETTINGS[name].title};" for name in settings))
for name in settings:
    show_sweep(name, "weights", 3, "the weight $w$ of the noise detection block")
glue(
    w_none=number("weights-informative", median_at(0, 0.0)),
    w_low=number("weights-informative", median_at(0, 0.2)),
    w_high=number("weights-informative", median_at(0, 0.9)),
    w_ae=number("weights-informative", median_at(2, 0.2)),
    w_defaults=number("weights-defaults", lambda r: f"{np.median(r['roc'][..., 0], axis=0).max():.2f}"),
    rows=number("weights-informative", lambda r: f"{r.parameter('rows'):,}"),
    runs=number("weights-informative", lambda r: r.parameter("runs")),
)

# %% [markdown] tags=["book-only"]
# With scikit-learn's *defaults* AnoRand stays at chance level for every weight (its highest median ROC AUC is {glue}`w_defaults`), whereas the paper's Fig. 4 shows an AUC PR of 45% and more. So only the *informative* reading can tell
# how its settings compare.

# %% [markdown]
# At $w = 0$ the noise detection block is trained to help the reconstruction; its last layer, which gives $\hat y_{mlp}$, keeps its initial weights and still enters the score. At $w = 1$ nothing is trained to reconstruct, and
# $\hat y_{AE}$ grows with the length of a row.
#
# ```{verdicts} anorand-c-05 anorand-c-06 anorand-c-07 anorand-c-08 anorand-c-32 anorand-c-38
# ```
#
# ## Fig. 4: noise of the synthetic labels
#
# **The paper:** AUC PR is flat near 45% below a noise of 0.32, rises fast and unstably up to 0.52, and is stable above.

# %% [markdown] tags=["book-only"]
# **Here:** in the *informative* reading AUC PR rises from {glue}`noise_least` to {glue}`noise_most`, and is {glue}`noise_middle` at a noise of 0.32. Meanwhile the noise detection block learns its own task: its ROC AUC on rows with and without such noise rises from {glue}`seen_least` to {glue}`seen_most`.

# %% tags=["remove-input"]
for name in settings:
    show_sweep(name, "noise", 4, "the noise of the synthetic labels, in standard deviations of each feature")
glue(
    noise_least=number("noise-informative", median_at(0, 0.0)),
    noise_middle=number("noise-informative", median_at(0, 0.32)),
    noise_most=number("noise-informative", median_at(0, 1.0)),
    seen_least=number("noise-informative", lambda r: f"{np.median(r['synthetic_roc'], axis=0)[0]:.2f}"),
    seen_most=number("noise-informative", lambda r: f"{np.median(r['synthetic_roc'], axis=0)[-1]:.2f}"),
)

# %% [markdown]
# ```{verdicts} anorand-c-09 anorand-c-10 anorand-c-28
# ```
#
# ## Fig. 6: latent vectors and reconstructions
#
# **The paper:** trained on ones with sevens among them, only AnoRand separates the two digits in its latent space; autoencoder (AE) and variational autoencoder (VAE) reconstruct both, AnoRand reconstructs ones well and sevens badly.

# %% [markdown] tags=["book-only"]
# **Here:** a linear classifier on the latent vectors separates the digits for all three (balanced accuracy {glue}`probes`), and all three reconstruct sevens about as badly relative to ones ({glue}`quotients` times the error).

# %% [markdown]
# The three models have the same layers. Of their training images 5% are of the other digit (of the whole, not of all sevens: `inc-anorand-18`); pixels are in [0, 1].

# %% tags=["remove-input"]
if not like_source:
    markdown(f"On this page the digit {normal} takes the place of the ones, the digit {anomaly} that of the sevens.")
if "digits" in records:
    r = records["digits"]
    ours = list(MODELS).index("AnoRand")
    effort = f"{r.parameter('seeds')} trainings of {r.parameter('epochs')} epochs."
    error, sharp = r["errors"].mean(axis=1), r["laplacian"][..., 2].mean(axis=1)
    silhouette, probe = (r[name][..., 0].mean(axis=1) for name in ("silhouette", "probe"))
    caption = f"Latent vectors of held-out images on their first two principal axes, {normal} (blue) and {anomaly} (red); for AnoRand the decoder's input $(z_0, z_1)$. First of {effort}"
    alt = f"Three scatter plots of two clouds that overlap at most at their borders. A linear classifier has a balanced accuracy of at least {probe.min():.2f}."
    id_ = "anorand-fig-6" if like_source else f"anogen-fig-anorand-latents-{normal}-{anomaly}"
    figure(figures.fig_6(r, (normal, anomaly)), id=id_, caption=caption, alt=alt, records=[r])
    caption = f"The source's panel (d): held-out images (first row) and their reconstructions by each model. First of {effort}"
    alt = "A grid of small grey images: four of each digit, and their reconstructions, sharp for the first digit and smeared for the second in all three models."
    figure(figures.fig_reconstructions(r), id="anogen-fig-anorand-copies", caption=caption, alt=alt, records=[r])
    columns, forms = [error[:, 0], error[:, 1], silhouette, probe, sharp], (".4f", ".4f", ".3f", ".3f", ".2f")
    rows = ([format(value, form) for value, form in zip(row, forms, strict=True)] for row in zip(*columns, strict=True))
    head = ["model", f"error on {normal}", f"error on {anomaly}", "silhouette", "linear classifier", "sharpness"]
    table(head, [[name, *row] for name, row in zip(MODELS, rows, strict=True)])
    false_alarms, missed = (r[name].mean(axis=1) for name in ("false_alarms", "missed"))
    by_output = dict(zip(("score", "mlp", "ae"), r["roc"][ours].mean(axis=0), strict=True))
    glue(
        probes=join_names([f"{value:.3f}" for value in probe]),
        quotients=join_names([f"{value:.1f}" for value in error[:, 1] / error[:, 0]]),
        false_alarms=join_names([f"{percent(v)} ({name})" for name, v in zip(MODELS, false_alarms, strict=True)]),
        missed=join_names([percent(value) for value in missed]),
        alpha=f"{r['alpha'][ours].mean():.5f}",
        **{f"{name}_roc": f"{value:.2f}" for name, value in by_output.items()},
        autoencoder_roc=f"{r['roc'][0, :, 0].mean():.2f}",
    )

# %% [markdown]
# Means over the trainings. *Error*: squared difference of a pixel; *silhouette*: of the digits' latent vectors; *linear classifier*: its balanced accuracy on them; *sharpness*: mean absolute Laplacian relative to that of the images.
#
# ```{verdicts} anorand-c-11 anorand-c-12 anorand-c-13 anorand-c-29
# ```
#
# ## Fig. 7: detecting sevens among ones
#
# **The paper:** AnoRand is ahead of AE and VAE, which raise more errors because they reconstruct sevens too well.

# %% [markdown] tags=["book-only"]
# **Here:** the ROC AUC of AnoRand's score is {glue}`score_roc`, that of the autoencoder {glue}`autoencoder_roc`. AnoRand's reconstruction error alone is as good as the autoencoder's, so the difference comes from the weights of the two outputs.

# %% tags=["remove-input"]
if "digits" in records:
    caption = f"AUC PR (a) and ROC AUC (b) on held-out images of {normal} with 5% of {anomaly}: a point for each training, a bar at the mean; below, AnoRand's two outputs alone. {effort}"
    alt = f"Two panels of points in five rows. Mean ROC AUC: AE {r['roc'][0, :, 0].mean():.2f}, AnoRand's score {by_output['score']:.2f}, its noise detection alone {by_output['mlp']:.2f}, its reconstruction error alone {by_output['ae']:.2f}."
    id_ = "anorand-fig-7" if like_source else f"anogen-fig-anorand-detection-{normal}-{anomaly}"
    figure(figures.fig_7(r), id=id_, caption=caption, alt=alt, records=[r])

# %% [markdown] tags=["book-only"]
# The weight $\alpha$ of $\hat y_{mlp}$ is {glue}`alpha` on average, so the noise detection block decides the score. It learned to tell noisy images from clean ones and scores a clean seven as clean.
#
# At 95% recall the false-positive rates are {glue}`false_alarms`; at 5% false positives the models miss {glue}`missed` of the sevens. A model that reconstructs sevens too well *misses* sevens, it does not raise false alarms
# (`inc-anorand-19`); both kinds of error are counted here.

# %% [markdown]
# ```{verdicts} anorand-c-14 anorand-c-15
# ```
#
# ## The score ignores one of its two outputs
#
# **The paper:** both outputs together are more accurate than either alone; $\alpha$ balances them; hyperparameters need no tuning.

# %% [markdown] tags=["book-only"]
# **Here:** in the *informative* reading the score has an AUC PR of {glue}`whole`, the reconstruction error alone {glue}`reconstruction`, and the score with its two weights exchanged {glue}`exchanged`.

# %% [markdown]
# The score is $(1-\alpha)\, \hat y_{AE} + \alpha\, \hat y_{mlp}$ with $\alpha = Q_3^1 / (Q_3^0 + Q_3^1)$ from the third quartiles of both outputs in training (`inc-anorand-09`). But
# $\hat y_{AE} = 1/(1+e^{-\lVert x - \hat x \rVert})$ is the sigmoid of a length: at least one half. Once the noise detection block has learned that 95% of the rows are normal, its third quartile is near 0 and $\alpha$ near 1
# (`inc-anorand-08`). The two terms then have equal quartiles, but what varies from row to row is mostly the term with the factor near 1.

# %% tags=["remove-input"]
if "ablation" in records:
    r = records["ablation"]
    for name in settings:
        markdown(f"AUC PR of variants of AnoRand, reading *{name}*:")
        table(*figures.ablation_table(r, list(SETTINGS).index(name)))
    score = r["ap"][:, list(SETTINGS).index("informative")].mean(axis=1)
    whole, _, reconstruction, exchanged = score[0]
    glue(
        whole=f"{whole:.2f}",
        reconstruction=f"{reconstruction:.2f}",
        exchanged=f"{exchanged:.2f}",
        ablation_runs=r.parameter("runs"),
        ablation_rows=f"{r.parameter('rows'):,}",
        ablation_batch=r.parameter("batch_size"),
    )

# %% [markdown]
# Means of {glue}`ablation_runs` runs with {glue}`ablation_rows` rows in batches of {glue}`ablation_batch`: of the score (± its standard deviation), of either output alone, and of the score with the two weights exchanged; median $\alpha$. The
# paper's conclusion that labels matter little, and its Fig. 4, where their noise decides, contradict each other (`inc-anorand-13`).
#
# ```{verdicts} anorand-c-26 anorand-c-27 anorand-c-35 anorand-c-36 anorand-c-37 anorand-c-39 anorand-c-40
# ```
#
# ## AUC PR falls with the share of anomalies, ROC AUC does not
#
# **The paper:** ROC AUC can mislead under strong imbalance; AUC PR is preferable.
#
# **Here:** two artificial detectors of the same ROC AUC, one that scores every anomaly a little higher and one that is certain of nine in ten, differ in AUC PR, the more so the rarer anomalies are {cite:p}`saito2015precision`.

# %% tags=["remove-input"]
if "measures" in records:
    r = records["measures"]
    head = ("anomalies", "ROC AUC, all a little higher", "AUC PR", "ROC AUC, certain of nine in ten", "AUC PR")
    cells = zip(r["prevalence"], r["roc"], r["ap"], strict=True)
    table(
        head,
        [[percent(s), *(f"{v:.3f}" for pair in zip(roc, ap, strict=True) for v in pair)] for s, roc, ap in cells],
    )

# %% [markdown]
# ```{verdicts} anorand-c-33
# ```
#
# ## Beyond the source
#
# ### The loss as printed diverges

# %% tags=["remove-input"]
if "signs" in records:
    r = records["signs"]
    caption = f"The three forms of the loss: mean squared error of a standardised feature on normal test rows (left), cross entropy of the noise detection block on normal and disturbed test rows (right). Means of {r.parameter('runs')} runs with {r.parameter('rows'):,} rows."
    corrected, equations, expansion = r["error"][:, -1].mean(axis=1)
    entropy = r["cross_entropy"][:, -1].mean(axis=1)
    alt = f"Two panels with three lines. The reconstruction error ends at {short(corrected)} for the corrected loss and at {short(expansion)} for the printed expansion."
    figure(figures.fig_signs(r), id="anogen-fig-anorand-signs", caption=caption, alt=alt, records=[r])
    glue(
        last_epoch=r["epochs_seen"][-1],
        expansion=short(expansion),
        corrected=short(corrected),
        entropy_printed=short(entropy[1]),
        entropy_corrected=short(entropy[0]),
    )

# %% [markdown]
# After {glue}`last_epoch` epochs, minimising the expansion as printed gives a reconstruction error of {glue}`expansion`, the corrected loss {glue}`corrected`. The equations as printed give a cross entropy of {glue}`entropy_printed`, the corrected loss
# {glue}`entropy_corrected`. Everything else on this page uses the corrected loss, {eq}`anorand-loss`.
#
# ### The most normal image of AnoRand
#
# The search of the thesis, applied to AnoRand trained on one digit: a population of noise evolves towards a low score.

# %% tags=["remove-input"]
title = {name: CATALOGUE[name.partition(":")[0]].title for name in drawn}
generated = {title[name]: records[f"drawn-{name}"] for name in drawn if f"drawn-{name}" in records}
if generated:
    effort = join_names([f"{r.parameter('generations'):,} generations ({name})" for name, r in generated.items()])
    caption = f"Images of class {digit} evolved from noise; above each its score relative to the median held-out image of the class. Each from another start; {effort}."
    quality = {title[name]: records.get(f"drawn-{name}-quality") for name in drawn}
    seen = [f"{q['morans_i'].mean():.2f} ({name})" for name, q in quality.items() if q is not None]
    alt = f"Rows of images, one for each training of a detector. Mean Moran's I, 0 for noise: {join_names(seen)}."
    picture = figures.fig_generated(generated)
    figure(picture, id=f"anogen-fig-anorand-drawn-{digit}", caption=caption, alt=alt, records=list(generated.values()))


# AnoRand's score has two plateaus: near 0, and at 1.
glue(
    searches=number("drawn-anorand", lambda r: r["scores"].size),
    constant=number("drawn-anorand", lambda r: (r["history"] == r["history"][..., -1:]).all(axis=-1).sum()),
    high=number("drawn-anorand", lambda r: (r["scores"] > 0.5).sum()),
    below=number(
        "drawn-anorand", lambda r: percent((r["scores"][..., None] < r["test_normal_scores"][:, None]).mean())
    ),
)

# %% [markdown] tags=["book-only"]
# In {glue}`constant` of {glue}`searches` searches on AnoRand the lowest score never changes: on noise $\hat y_{mlp}$ is 0 and $\hat y_{AE}$ is 1 to all digits, so selection has nothing to act on ({glue}`high` ended on a second plateau, where $\hat y_{mlp}$ is 1).
# Yet noise scores as more normal than real digits of the class in {glue}`below` of the comparisons.
#
# ## Take away
#
# - With the printed weights AnoRand's score reduces to its noise detection; on sevens among ones that gives a ROC AUC of {glue}`score_roc`, where its reconstruction error alone gives {glue}`ae_roc`.
# - The reading of the artificial data decides: with scikit-learn's defaults AnoRand is at chance level, with 18 informative features its AUC PR grows with the weight and the noise of the synthetic labels.
# - The printed loss needs a corrected sign before anything can be trained.
#
# {doc}`anorand-benchmark` compares AnoRand with other detectors. The paper counts 18 of them in one place and 17 in another (`inc-anorand-01`).
