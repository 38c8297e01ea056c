# %% [markdown]
# # Training, latent space, contamination, evaluation
#
# *Challenges of detectors made from GANs*

# %% [markdown] tags=["book-only"]
# ```{glance} gan-challenges
# question: Do the difficulties that are reported of GAN detectors show in small experiments?
# source: The review names five challenges: training, restricting the latent space, anomalies in the training data, composing a score, and speed. It reports most of them from other works, without numbers.
# here: One small experiment for each statement, on toy data, digits and synthetic series, with up to {glue}`seeds` trainings.
# finding: Which training covers more modes depends on its settings. WGAN-GP covers {glue}`wgan_gp_modes` of 8 modes with the usual penalty and {glue}`wgan_gp_tuned` with its authors' penalty for such data; the original objective {glue}`gan_modes` and {glue}`gan_tuned`.
# ```

# %% [markdown]
# {cite:t}`luer2023anomaly` divide their review into these challenges, and this page follows them. A verdict here is one on our experiment, not on the works that the review reports. {doc}`gan-review` has the detectors and the fifth
# challenge, speed; {doc}`gan-scores` the composition of the score.

# %% tags=["parameters"]
scale = "laptop"
normal = 4
seeds = 5
iterations = 2000
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.review.gan_challenges import figures
from notebooks.review.gan_challenges.figures import TITLES
from notebooks.review.gan_challenges.one_class import JUDGED, PATCHES
from notebooks.review.gan_challenges.toys import METHODS

record = load_records("gan-challenges", scale, normal=normal, seeds=seeds, iterations=iterations, seed=seed)

# %% [markdown]
# ## Mode collapse depends on the penalty
#
# **The review:** the original objective is unstable and drops modes (*mode collapse*); WGAN-GP is more stable; autoencoders with a discriminator cover more modes.

# %% [markdown] tags=["book-only"]
# **Here:** of eight points on a ring, the original objective covers {glue}`gan_modes` on average, WGAN-GP {glue}`wgan_gp_modes` with a penalty of 10 and {glue}`wgan_gp_tuned` with its authors' setting for such data.

# %% tags=["remove-input"]
if modes := record.get("modes"):
    averages = ", ".join(f"{TITLES[n]} {c.mean():.1f}" for n, c in zip(METHODS, modes["covered"], strict=True))
    caption = f"Samples (blue) of generators trained on eight points on a ring (red circles) after {modes.parameter('iterations'):,} iterations, one panel for each kind of training; below, the number of modes covered with each seed."
    alt = f"Five square plots of blue points with red circles on a ring. Modes covered on average: {averages}."
    figure(figures.fig_modes(modes), id="anogen-fig-gan-modes", caption=caption, alt=alt, records=[modes])
    columns = {
        name: [f"{c.mean():.1f}", percent(n.mean()), "", ""]
        for name, c, n in zip(METHODS, modes["covered"], modes["near"], strict=True)
    }
    glue(seeds=modes["covered"].shape[1], gan_modes=columns["gan"][0], wgan_gp_modes=columns["wgan-gp"][0])
    if authors := record.get("modes-authors"):
        for name, c, n in zip(authors.parameter("methods"), authors["covered"], authors["near"], strict=True):
            columns[name][2:] = f"{c.mean():.1f}", percent(n.mean())
        glue(
            gan_tuned=columns["gan"][2],
            wgan_gp_tuned=columns["wgan-gp"][2],
            tuned_iterations=f"{authors.parameter('iterations'):,}",
        )
    else:
        glue(**dict.fromkeys(("gan_tuned", "wgan_gp_tuned", "tuned_iterations"), "–"))
    head = ("trained as", "modes", "samples near a mode", "modes, authors' penalty", "samples near a mode")
    table(head, [[TITLES[name], *cells] for name, cells in columns.items()])

# %% [markdown]
# A mode counts as covered if at least 1% of the samples are within three standard deviations of its centre. The weight of a gradient penalty depends on the unit of length: 10 is large on a ring of radius 0.4, and WGAN-GP's authors
# use 0.1 at radius 2 in their program for such a ring, with narrower points. The last two columns, after {glue}`tuned_iterations` iterations, are with their setting and count for the verdict.
#
# ```{verdicts} review-c-09 review-c-35
# ```
#
# ## A discriminator at its optimum knows nothing
#
# **The review:** at the optimum the discriminator outputs one half everywhere, so its error can rise over training for normal data too.

# %% [markdown] tags=["book-only"]
# **Here:** with one normal number as data, the error of held-out real data goes from {glue}`error_first` in the first tenth of the training to {glue}`error_last` in the last; a coin has {glue}`error_coin`. The rise is smaller than the mean change between two measurements, {glue}`error_change`.

# %% [markdown]
# For a fixed generator the best discriminator is known,
#
# $$
# \mathcal{D}^*_{\mathcal{G}}(x) = \frac{p_{data}(x)}{p_{data}(x) + p_{\mathcal{G}}(x)} ,
# $$ (review-eq-optimal-d)
#
# and where the generator is perfect it is one half.

# %% tags=["remove-input"]
if watched := record.get("discriminator"):
    entropy = watched["entropy"]
    tenth = max(1, entropy.shape[1] // 10)
    first, last = entropy[:, :tenth].mean(), entropy[:, -tenth:].mean()
    caption = f"A GAN of one normal number, {watched.parameter('seeds')} seeds. Left: mean distance of the discriminator's output from one half. Middle: its cross-entropy on held-out real numbers. Right: its output for every number at the end, above the density of the data."
    alt = f"Three plots: two falling lines; lines that fluctuate around {np.log(2):.2f}; flat lines at one half over a grey bell."
    picture = figures.fig_discriminator(watched)
    figure(picture, id="anogen-fig-gan-discriminator", caption=caption, alt=alt, records=[watched])
    glue(
        error_first=f"{first:.3f}",
        error_last=f"{last:.3f}",
        error_coin=f"{np.log(2):.3f}",
        error_change=f"{np.abs(np.diff(entropy, axis=1)).mean():.3f}",
    )

# %% [markdown]
# ```{verdicts} review-c-17 review-c-18
# ```
#
# ## The norm of a latent vector lies in a thin ring
#
# **The review:** the latent density is highest at the origin, yet samples lie in a thin ring of radius $\sqrt{d_z}$; a one-tailed likelihood test fails.
#
# **Here:** the norms follow the chi distribution,
#
# $$
# \lVert z \rVert_2 \approx \sqrt{d_z} , \qquad \lVert z \rVert_2 \sim \chi_{d_z} .
# $$ (review-eq-annulus)

# %% tags=["remove-input"]
if law := record.get("law"):
    caption = f"The norm of standard normal vectors divided by $\\sqrt{{d_z}}$: the chi distribution (lines) and {law.parameter('samples'):,} samples each (areas)."
    alt = "Bell curves around 1, narrower for more dimensions, on a logarithmic axis."
    figure(figures.fig_latent_norms(law), id="anogen-fig-latent-law", caption=caption, alt=alt, records=[law])

# %% [markdown]
# ```{verdicts} review-c-19 review-c-20
# ```
#
# ## A likelihood can be higher for other data
#
# **The review:** models with a likelihood assign high values to data of another distribution {cite:p}`nalisnick2018deep`.

# %% [markdown] tags=["book-only"]
# **Here:** a variational autoencoder (VAE) of {glue}`own_data` gives {glue}`bits_own` bits per pixel to its own test images, {glue}`bits_other` to those of {glue}`other_data` and {glue}`bits_noise` to uniform noise: more to the other data.

# %% tags=["remove-input"]
if bounds := record.get("likelihoods"):
    names = tuple(figures.DATA.get(bounds.parameter(key), bounds.parameter(key)) for key in ("dataset", "other"))
    caption = (
        f"Lower bounds of the log-likelihood of test images under a VAE of {names[0]}: its own data and {names[1]}."
    )
    means = {key: f"{bounds[key].mean():.2f}" for key in ("own", "other", "noise")}
    alt = f"Two overlapping histograms with means {means['own']} ({names[0]}) and {means['other']} ({names[1]})."
    picture = figures.fig_likelihoods(bounds, names)
    figure(picture, id="anogen-fig-vae-likelihoods", caption=caption, alt=alt, records=[bounds])
    glue(**{f"bits_{key}": text for key, text in means.items()}, own_data=names[0], other_data=names[1])

# %% [markdown]
# ```{verdicts} review-c-21
# ```
#
# ## An autoencoder also reconstructs what is near the normal data
#
# **The review:** autoencoders reconstruct anomalies near the normal data, complex data have weaker detection, reconstructions are blurry, and errors localise anomalies.

# %% [markdown] tags=["book-only"]
# **Here:** a β-VAE of class {glue}`copied_class` reconstructs some images of other classes as well as 95% of its own: {glue}`missed`. Its reconstructions are {glue}`sharpness` as sharp as the images; the error locates a pasted patch with a pixel AUROC of {glue}`patches`.

# %% tags=["remove-input"]
if copies := record.get("copies"):
    classes, errors = copies["classes"], copies["errors"]
    row = min(int(normal), len(errors) - 1)
    own = copies.parameter("labels")[row]
    limit = np.percentile(errors[row][classes == own], 95)
    missed = {c: float((errors[row][classes == c] <= limit).mean()) for c in range(10) if c != own}
    real, blurred = copies["sharpness"].mean(axis=0)
    caption = f"Normal test images and their reconstructions by a β-VAE of class {copies.parameter('labels')[-1]}."
    alt = (
        f"Two rows of digits: images, and below them reconstructions that are smoother ({blurred / real:.0%} as sharp)."
    )
    figure(figures.fig_copies(copies), id="anogen-fig-vae-copies", caption=caption, alt=alt, records=[copies])
    areas = zip(PATCHES, copies["patched"].mean(axis=(0, 2)), strict=True)
    glue(
        copied_class=own,
        missed=join_names([f"{percent(missed[c])} of the {c}s" for c in sorted(missed, key=lambda c: -missed[c])[:3]]),
        sharpness=percent(blurred / real),
        patches=join_names([f"{area:.2f} ({kind})" for kind, area in areas]),
        digits_auc=f"{copies['auc'].mean():.2f}",
    )
colour = record.get("copies-colour")
glue(colour_auc=f"{colour['auc'].mean():.2f}" if colour else "–")

# %% [markdown]
# The mean ROC AUC over the normal classes is {glue}`digits_auc` on digits and {glue}`colour_auc` on CIFAR-10. An error that is summed over all pixels is small where there is little ink, so that ones are missed as well as digits that look like the normal class; the
# review's statement is about the latter.
#
# ```{verdicts} review-c-02 review-c-13 review-c-14 review-c-38
# ```
#
# ## Anomalies in the training data cost ROC AUC
#
# **The review:** few anomalies in the training set already harm one-class detectors.

# %% [markdown] tags=["book-only"]
# **Here:** from no anomalies to {glue}`most_anomalies`, ROC AUC falls {glue}`falls`.

# %% [markdown]
# The detectors learn a mixture with an unknown share $\Lambda$ of anomalies as if all were normal:
#
# $$
# X_{total} \sim (1 - \Lambda) p_n(x) + \Lambda p_a(x) .
# $$ (review-eq-2)

# %% tags=["remove-input"]
if mixed := record.get("contamination"):
    ends = zip(JUDGED, mixed["auc"][:, 0].mean(axis=1), mixed["auc"][:, -1].mean(axis=1), strict=True)
    falls = join_names([f"from {first:.2f} to {last:.2f} ({TITLES[name]})" for name, first, last in ends])
    caption = f"ROC AUC by the share of anomalies among {mixed.parameter('training'):,} training images, class {normal}; thin lines are seeds."
    alt = f"Lines over the share of anomalies, one colour for each detector, {falls}."
    figure(figures.fig_contamination(mixed), id="anogen-fig-contamination", caption=caption, alt=alt, records=[mixed])
    glue(most_anomalies=percent(mixed["shares"][-1]), falls=falls)

# %% [markdown]
# ```{verdicts} review-c-16
# ```
#
# ## More losses, more weights to choose
#
# **The review:** every component added to the score enlarges the search for weights and threshold.
#
# **Here:** a score of $k$ losses has $k$ weights,
#
# $$
# \mathcal{L}_{total} = \sum_{i=1}^{k} \lambda_i \mathcal{L}_i , \qquad \sum_{i=1}^{k} \lambda_i = 1 ,
# $$ (review-eq-9)
#
# and in steps of a tenth there are $\binom{9 + k}{k - 1}$ choices:

# %% tags=["remove-input"]
if grid := record.get("grid"):
    timed = grid.arrays.get("processor_seconds")
    rows = [
        [str(k + 1), f"{count:,}", "not timed" if timed is None else f"{1000 * np.median(timed, axis=0)[k]:.2f}"]
        for k, count in enumerate(grid["counts"])
    ]
    table(("losses", "weightings", "processor time to try all, ms"), rows)

# %% [markdown]
# ```{verdicts} review-c-36
# ```
#
# ## F1 rewards detectors that know nothing
#
# **The review:** $F_\beta$ is misleadingly high on test data with many anomalies, the phi coefficient is more balanced; longer subsequences of time series raise false positives.

# %% [markdown] tags=["book-only"]
# **Here:** with {glue}`most_common` anomalies in the test set, a detector that always alarms has an $F_1$ of {glue}`always_f1` and a phi of {glue}`always_phi`. False alarms on subsequences rise from {glue}`false_short` to {glue}`false_long` for one of the two models ({glue}`false_model`), and from {glue}`fixed_short` to {glue}`fixed_long` for the other.

# %% tags=["remove-input"]
if shares := record.get("imbalance"):
    caption = "$F_1$ and the phi coefficient of a detector that always alarms, of one that alarms at random, and of one that is right nine times in ten, by the share of anomalies in the test set."
    alt = "Two plots of three lines each: F1 rises with the share for all detectors, phi is 0 for those that know nothing."
    figure(figures.fig_imbalance(shares), id="anogen-fig-imbalance", caption=caption, alt=alt, records=[shares])
    glue(
        most_common=percent(shares["shares"][-1]),
        always_f1=f"{shares['f1'][0, -1]:.2f}",
        always_phi=f"{shares['phi'][0, -1]:.2f}",
    )
if series := record.get("subsequences"):
    rates = series["rates"].mean(axis=-1)
    caption = f"Left: a synthetic series with peaks like those of heartbeats. Right: false alarms of a linear reconstruction fitted to {series.parameter('training')} subsequences, by their length; 5% of the training data exceed the threshold (dotted)."
    alt = f"Left: a series of sharp peaks. Right: two lines over the length of a subsequence; one ends at {rates[0, -1]:.2f}, the other at {rates[1, -1]:.2f}."
    figure(figures.fig_subsequences(series), id="anogen-fig-subsequences", caption=caption, alt=alt, records=[series])
    glue(
        false_short=f"{rates[1, 0]:.2f}",
        false_long=f"{rates[1, -1]:.2f}",
        false_model=figures.MODELS[1],
        fixed_short=f"{rates[0, 0]:.2f}",
        fixed_long=f"{rates[0, -1]:.2f}",
    )

# %% [markdown]
# ```{verdicts} review-c-37 review-c-39 review-c-41
# ```

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - The weight of a gradient penalty depends on the scale of the data: the same method covers {glue}`wgan_gp_modes` or {glue}`wgan_gp_tuned` of 8 modes.
# - A discriminator that has converged says nothing about single samples, and a likelihood can be higher for other data than for its own.
# - Report the phi coefficient next to $F_1$: with {glue}`most_common` anomalies an alarm for everything has an $F_1$ of {glue}`always_f1`.
