# %% [markdown]
# # GAN detectors: latent search and encoder
#
# *GANs that detect: a search, or a way back*
#
# A generative adversarial network learns to make data like those that it was shown. It does not say what is anomalous. The review of {cite:t}`luer2023anomaly` tells how detectors are made of it, and
# measures what the best known way, a search of the latent space, costs beside an encoder. This page builds both and repeats the measurement; {doc}`gan-challenges` goes through the five challenges that the
# review names. The review mostly reports the works of others; a verdict here is one on our own small experiments.

# %% tags=["parameters"]
scale = "laptop"
normal = 4
iterations = 4000
searched = 60
starts = 20
tested = 512
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.datasets import heartbeats
from companion.notebook import figure, load_records, markdown, slider, table
from notebooks.review.gan_review import figures
from notebooks.review.gan_review.claims import UNEVEN, disturbed
from notebooks.review.gan_review.experiments import BANDS
from notebooks.review.gan_review.inference import ROWS, STARTS

given = {"normal": normal, "iterations": iterations, "searched": searched, "starts": starts, "tested": tested}
record = load_records("gan-review", scale, **given, seed=seed)
plane, times = record.get("plane"), record.get("times")

# %% [markdown]
# ## Two networks
#
# Normal data follow a law $p_n$,
#
# $$
# X_n \sim p_n(x) = p(x \mid y = 0) ,
# $$ (review-eq-1)
#
# and only they are used for training. A generator $\mathcal{G}$ turns noise $z \sim p_z$ into data; a discriminator $\mathcal{D}$ tells them from real ones; each learns from the other's failures
# ({numref}`review-fig-1`). What they play for is
#
# $$
# V(\mathcal{D}, \mathcal{G}) = \mathbb{E}_{x \sim p_{data}}[\log \mathcal{D}(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - \mathcal{D}(\mathcal{G}(z)))] , \qquad \min_{\mathcal{G}} \max_{\mathcal{D}} V ,
# $$ (review-eq-3)
#
# where the review writes that $V$ *is* its min-max value (`inc-review-04`). On this page all networks are dense and small, with two hidden layers: images and heartbeats are rows of numbers alike.

# %% tags=["remove-input"]
caption = "How a GAN is trained: the discriminator sees real data and what the generator makes of noise, and its verdict teaches both."
alt = "Boxes joined by arrows: noise leads to the generator; generator and real data lead to the discriminator, which decides between real and not; dashed arrows lead back to generator and discriminator."
figure(figures.fig_1(), id="review-fig-1", caption=caption, alt=alt)

# %% [markdown]
# ## A score
#
# To judge a datum $x$, one looks for the copy $\hat{x} = \mathcal{G}(z)$ that resembles it most ({numref}`review-fig-2`). The *residual* is the absolute error, which the review leaves without a sum; we add it up over all points:
#
# $$
# \mathcal{L}_{res}(x, z_\Gamma) = \lvert x - \mathcal{G}(z_\Gamma) \rvert .
# $$ (review-eq-4)
#
# The discriminator judges the copy, by the cross-entropy with the target $\alpha = 1$, or by what an inner layer $f$ sees in both:
#
# $$
# \mathcal{L}_{disc}(z_\Gamma, x) = \sigma(\mathcal{D}(\mathcal{G}(z_\Gamma)), \alpha) ,
# $$ (review-eq-5)
#
# $$
# \mathcal{L}_{disc}(z_\Gamma, x) = \lvert f(x) - f(\mathcal{G}(z_\Gamma)) \rvert .
# $$ (review-eq-6)
#
# The score is a weighted sum of the two, and with a threshold $\tau$ it becomes a label:
#
# $$
# \mathcal{L}_{total}(z_\Gamma, x) = (1 - \lambda) \mathcal{L}_{res}(z_\Gamma) + \lambda \mathcal{L}_{disc}(z_\Gamma) ,
# $$ (review-eq-7)
#
# $$
# \mathcal{H}(\mathcal{L}_{total}, \tau) = 1 \text{ if } \mathcal{L}_{total} > \tau, \text{ else } 0 .
# $$ (review-eq-8)
#
# The review calls the same loss $\mathcal{L}_{disc}$ and $\mathcal{L}_D$ (`inc-review-02`), and counts the steps from $z_1$ in the text and from $z_0$ in its figure (`inc-review-03`); the law of normal
# images has two names in its Section 4.2 (`inc-review-05`). Instead of searching, one
# can learn the way back,
#
# $$
# E(x) = \mathcal{G}^{-1}(x) = z , \qquad E(\mathcal{G}(z)) \approx z , \quad \mathcal{G}(E(x)) \approx x ,
# $$ (review-eq-inverse)
#
# after the GAN (f-AnoGAN), together with it (EGBAD, with a discriminator of pairs), or as part of an autoencoder with a discriminator (GANomaly, the β-VAEGAN of the review's authors). `anogen.detectors.gan.anogan`
# has all of them, by PyOD's protocol.

# %% tags=["remove-input"]
caption = "How one detects with a GAN: the copy of a datum comes from a search or from an encoder; what differs between the two, and what the discriminator says, add up to a score."
alt = "Boxes joined by arrows: the datum leads to a search of the latent space or to an encoder, both to a copy; copy and datum lead to the residual, the copy to the discriminator; both lead to a score next to a threshold."
figure(figures.fig_2(), id="review-fig-2", caption=caption, alt=alt)

# %% [markdown]
# ## What a generator can make
#
# The review draws the latent space and the data as two overlapping sets: the generator can make normal data, and others too. With a latent space of two dimensions one need not imagine it.

# %% tags=["remove-input"]
if plane:
    caption = f"The latent plane of a GAN of class {normal}, computed. Left: what an independent classifier says of $\\mathcal{{G}}(z)$ at each place; inside the white line the discriminator believes it real; 95% of all samples come from inside the dashed circle. Right: the images."
    alt = "Left: a square coloured by what is generated at each place, with a dashed circle and a white line. Right: a mosaic of digits that change gradually."
    id_ = "review-fig-3" if normal == 4 else f"anogen-fig-review-plane-{normal}"
    figure(figures.fig_3(plane, int(normal)), id=id_, caption=caption, alt=alt, records=[plane])
    bands = zip(plane["band_other"], BANDS[:-1], BANDS[1:], strict=True)
    shares = [f"{share:.0%} from {low:g} to {high:g}" for share, low, high in bands]
    text = f"Of all samples, {float(plane['sampled_other']):.1%} are of another class or of none for sure. By the norm of $z$, {', '.join(shares)}."
    markdown(text)
    if plane["sampled_other"] > 0.1 and plane["band_other"][0] > 0.1:
        markdown(
            "The images are rough: the networks are small, and two numbers say little about a digit. But they show what the review means. Nothing but this class was ever shown to the generator, and a good part of the plane, "
            "also of its middle, holds what a classifier takes for something else."
        )

# %% [markdown]
# ```{verdicts} review-c-05
# ```
#
# ## The way of a search
#
# A search starts at random and descends. The next figure shows it on the same plane: the slider runs through the steps. In two dimensions the surface of the loss can be seen, and whether
# all starts end in the same place.

# %% tags=["remove-input"]
if plane:
    last = plane["losses"].shape[2] - 1
    steps = sorted({round(last * share) for share in (0, 0.05, 0.1, 0.2, 0.4, 1)})
    slider(
        [figures.fig_4(plane, step) for step in steps],
        steps,
        name="step",
        start=len(steps) - 1,
        id="review-fig-4" if normal == 4 else f"anogen-fig-review-search-{normal}",
        caption="Ways from several starts to the copy of a normal image (top) and of an anomaly (bottom): the residual over the plane, the image, the copy nearest to the best end, and the residual over the steps.",
        alt="Two rows: a map with white paths that lead downhill, an image, its copy with the residual above it, and falling lines.",
        records=[plane],
    )
    ends = plane["losses"][:, :, -1].astype(float)
    markdown(
        f"Over {ends.shape[1]} starts the residual of an image in the end varies by {float((ends.std(axis=1) / ends.mean(axis=1)).mean()):.1%} of its mean. The best of them is "
        f"{ends[: len(ends) // 2].min(axis=1).mean():.0f} for normal images and {ends[len(ends) // 2 :].min(axis=1).mean():.0f} for others, on the mean. In more dimensions than two, starts may part more."
    )

# %% [markdown]
# ```{verdicts} review-c-06 review-c-07
# ```
#
# ## What it costs
#
# Table 1 of the review times the search and an encoder on 22,427 heartbeats of the MIT-BIH database. Ours is computed on some of our own cut of it, of patients who are in neither training nor
# validation, on one core; at scale *quick* on images of digits instead. The source leaves much open: the bandwidth of the kernel that measures similarity (we take the median distance of two training beats), the rate and its schedule ("an adapting learning", a word is
# missing, `inc-review-07`), how often was measured, and where the search starts: its text says at random, its authors' framework starts at the encoder's $E(x)$. We do both. Some of its standard deviations are larger than
# the means, and two of its times stand in the text only (`inc-review-08`). A time depends on the machine; a ratio of times less so, and the table has ratios.

# %% tags=["remove-input"]
if times:
    beats = times.parameter("dataset") == heartbeats.NAME
    rows = f"{times.parameter('tested')} {'heartbeats' if beats else 'images'}"
    caption = f"Search and encoder on {rows}: the time of a sample over that of one encoding, as measured and as the source has it, and how well each detects."
    id_ = "review-table-1" if beats else "anogen-table-search"
    table(*figures.table_1(times.arrays), id=id_, caption=caption, records=[times])
    reached = [
        f"{np.mean(times['steps'][k, r] < row.limit):.0%} ({start} start)"
        for r, row in enumerate(ROWS)
        if row.epsilon == 0.05 and row.limit == 500
        for k, start in enumerate(STARTS)
    ]
    markdown(
        f"With $\\epsilon = 0.05$ the search stops before its limit for {' and '.join(reached)} of the {rows}. On all test data, the encoder's AUC is "
        f"{float(times['all_auc']):.3f}."
    )
if times and "processor_seconds" in times.arrays:
    mean, deviation = (of(times["processor_seconds"], axis=2) for of in (np.nanmean, np.nanstd))
    encoder = next(r for r, row in enumerate(ROWS) if not row.limit)
    markdown(
        f"These are processor seconds of one core, which leave out what other programs took. One search at the first setting takes {1000 * mean[0, 0]:.3g} ± {1000 * deviation[0, 0]:.2g} ms, one encoding "
        f"{1000 * mean[0, encoder]:.3g} ± {1000 * deviation[0, encoder]:.2g} ms. "
        f"Searches of equally many steps should take equally long; here the slowest tenth takes up to {disturbed(times):.1f} times as long as the fastest. The table's times are medians."
    )
    if disturbed(times) >= UNEVEN:
        markdown(
            f"A ratio of {UNEVEN:g} or less between two rows can therefore not be told from none, which is why the verdict on the doubled limit is inconclusive."
        )

# %% [markdown]
# ```{verdicts} review-c-27 review-c-28 review-c-29 review-c-30
# ```
