# %% [markdown]
# # GAN detectors: latent search and encoder
#
# *How a generative network becomes a detector, and what that costs*

# %% [markdown] tags=["book-only"]
# ```{glance} gan-review
# question: How does one detect anomalies with a network that generates data, and what does it cost?
# source: A GAN reconstructs a sample by searching its latent space, or with an encoder; what cannot be reconstructed is anomalous. An encoder is far faster than a search.
# here: Both built with small networks: a convolutional one with a latent space of two dimensions that can be drawn, and dense ones for Table 1 on {glue}`tested` heartbeats on one processor core (review: 22,427 on a consumer GPU).
# finding: One search takes as long as {glue}`ratio` encodings (review: {glue}`ratio_source`), at an AUC of {glue}`search_auc` (search) and {glue}`encoder_auc` (encoder).
# ```

# %% [markdown]
# A generative adversarial network (GAN) learns to generate data like its training data; it does not say what is anomalous. {cite:t}`luer2023anomaly` review how detectors are built from it. They mostly report other works, so a verdict
# here is one on our own small experiments. {doc}`gan-challenges` and {doc}`gan-scores` have the rest of the review.

# %% tags=["parameters"]
scale = "laptop"
normal = 4
iterations = 1200
searched = 60
starts = 20
tested = 512
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.datasets import heartbeats
from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.review.gan_review import figures
from notebooks.review.gan_review.claims import UNEVEN, disturbed
from notebooks.review.gan_review.experiments import BANDS, TRAININGS
from notebooks.review.gan_review.inference import ROWS

given = {"normal": normal, "iterations": iterations, "searched": searched, "starts": starts, "tested": tested}
record = load_records("gan-review", scale, **given, seed=seed)
plane, times = record.get("plane"), record.get("times")

# %% [markdown]
# ## Fig. 1: training
#
# **The review:** a generator turns noise into data, a discriminator tells them from real data, and its feedback improves both.
#
# **Here:** redrawn; Figs. 3 and 4 use small convolutional networks, Table 1 dense ones with two hidden layers.

# %% tags=["remove-input"]
caption = "How a GAN is trained: the discriminator sees real data and what the generator makes of noise; its feedback trains both."
alt = "Boxes joined by arrows: noise leads to the generator; generator and real data lead to the discriminator, which decides between real and not; dashed arrows lead back to generator and discriminator."
figure(figures.fig_1(), id="review-fig-1", caption=caption, alt=alt)

# %% [markdown]
# Only normal data are used for training; their distribution is $p_n$,
#
# $$
# X_n \sim p_n(x) = p(x \mid y = 0) .
# $$ (review-eq-1)
#
# The generator $\mathcal{G}$ maps noise $z \sim p_z$ to data, the discriminator $\mathcal{D}$ gives the probability that data are real, and they optimise
#
# $$
# V(\mathcal{D}, \mathcal{G}) = \mathbb{E}_{x \sim p_{data}}[\log \mathcal{D}(x)] + \mathbb{E}_{z \sim p_z}[\log(1 - \mathcal{D}(\mathcal{G}(z)))] , \qquad \min_{\mathcal{G}} \max_{\mathcal{D}} V ,
# $$ (review-eq-3)
#
# where the review writes that $V$ *is* its min-max value (`inc-review-04`).
#
# ## Fig. 2: detection
#
# **The review:** the reconstruction of a sample comes from a search of the latent space or from an encoder; the residual and the discriminator give a score.
#
# **Here:** redrawn; the score is computed in {doc}`gan-scores`.

# %% tags=["remove-input"]
caption = "How a GAN detects: the reconstruction of a sample comes from a search or from an encoder; the residual and what the discriminator says add up to a score."
alt = "Boxes joined by arrows: the sample leads to a search of the latent space or to an encoder, both to a reconstruction; reconstruction and sample lead to the residual, the reconstruction to the discriminator; both lead to a score next to a threshold."
figure(figures.fig_2(), id="review-fig-2", caption=caption, alt=alt)

# %% [markdown]
# A search looks for the reconstruction $\hat{x} = \mathcal{G}(z)$ that resembles a sample $x$ most. The *residual* is the absolute error, which the review leaves without a sum; we add it up over all values:
#
# $$
# \mathcal{L}_{res}(x, z_\Gamma) = \lvert x - \mathcal{G}(z_\Gamma) \rvert .
# $$ (review-eq-4)
#
# The discriminator rates the reconstruction by the cross-entropy with the target $\alpha = 1$, or compares an inner layer $f$ of both:
#
# $$
# \mathcal{L}_{disc}(z_\Gamma, x) = \sigma(\mathcal{D}(\mathcal{G}(z_\Gamma)), \alpha) ,
# $$ (review-eq-5)
#
# $$
# \mathcal{L}_{disc}(z_\Gamma, x) = \lvert f(x) - f(\mathcal{G}(z_\Gamma)) \rvert .
# $$ (review-eq-6)
#
# The score is a weighted sum of the two, and a threshold $\tau$ turns it into a label:
#
# $$
# \mathcal{L}_{total}(z_\Gamma, x) = (1 - \lambda) \mathcal{L}_{res}(z_\Gamma) + \lambda \mathcal{L}_{disc}(z_\Gamma) ,
# $$ (review-eq-7)
#
# $$
# \mathcal{H}(\mathcal{L}_{total}, \tau) = 1 \text{ if } \mathcal{L}_{total} > \tau, \text{ else } 0 .
# $$ (review-eq-8)
#
# The review calls the same loss $\mathcal{L}_{disc}$ and $\mathcal{L}_D$ (`inc-review-02`), counts the steps from $z_1$ in the text and from $z_0$ in its figure (`inc-review-03`), and names the distribution of normal images in two
# ways in its Section 4.2 (`inc-review-05`). Instead of searching, one can learn an encoder, the inverse of the generator,
#
# $$
# E(x) = \mathcal{G}^{-1}(x) = z , \qquad E(\mathcal{G}(z)) \approx z , \quad \mathcal{G}(E(x)) \approx x ,
# $$ (review-eq-inverse)
#
# after the GAN (f-AnoGAN), together with it (EGBAD, with a discriminator of pairs), or as part of an autoencoder with a discriminator (GANomaly, the β-VAEGAN of the review's authors). `anogen.detectors.gan.anogan` has all
# of them.
#
# ## Fig. 3: what a generator can generate
#
# **The review:** the data that a generator can make cover the normal class, and also abnormal data and data outside the problem domain.

# %% [markdown] tags=["book-only"]
# **Here:** a generator trained on one class only generates something that a classifier assigns to another class, or to none with certainty, for {glue}`other_share` of all samples: {glue}`other_centre` near the centre of the latent plane and {glue}`other_border` at its border. Of {glue}`gans` GANs with other random numbers, the first of which is shown, {glue}`pure` generate no such sample at all.

# %% tags=["remove-input"]
if plane:
    caption = f"Top: the sets as the review draws them. Bottom: the latent plane of a GAN of class {normal}, by what an independent classifier calls $\\mathcal{{G}}(z)$ (left), and the images (right). Small convolutional networks, trained for {plane.parameter('iterations'):,} iterations (the review's figure is a concept without a scale). Inside the white lines the discriminator takes them for real; the dashed circle contains 95% of all samples."
    alt = f"Top: two sets, each with a normal and an abnormal part, and a line through both. Bottom left: a square coloured by class, with a white line across; bottom right: a mosaic of handwritten digits that change gradually. {percent(plane['sampled_other'])} of all samples are not of the class."
    id_ = "review-fig-3" if normal == 4 else f"anogen-fig-review-plane-{normal}"
    figure(figures.fig_3(plane, int(normal)), id=id_, caption=caption, alt=alt, records=[plane])
    ends = plane["losses"][:, :, -1].astype(float)
    planes = [plane, *filter(None, (record.get(f"plane-{other}") for other in range(1, TRAININGS)))]
    glue(
        gans=len(planes),
        pure=sum(float(other["sampled_other"]) == 0 for other in planes),
        other_share=percent(plane["sampled_other"]),
        other_centre=f"{percent(plane['band_other'][0])} (norm up to {BANDS[1]:g})",
        other_border=f"{percent(plane['band_other'][-1])} (from {BANDS[-2]:g})",
        searches=ends.shape[1],
        spread=f"{float((ends.std(axis=1) / ends.mean(axis=1)).mean()):.1%}",
        best_normal=f"{ends[: len(ends) // 2].min(axis=1).mean():.0f}",
        best_anomaly=f"{ends[len(ends) // 2 :].min(axis=1).mean():.0f}",
    )

# %% [markdown]
# Two latent dimensions describe little of a digit. They serve to draw the whole latent space, not to detect.
#
# ```{verdicts} review-c-05
# ```
#
# ## Fig. 4: the path of a search
#
# **The review:** a search leads from a random $z_0$ to the $z_T$ whose image resembles $x$ most; for an abnormal $x$ a residual remains.

# %% [markdown] tags=["book-only"]
# **Here:** the best residual over {glue}`searches` starts is {glue}`best_normal` for normal images and {glue}`best_anomaly` for anomalies, on average. The residual at the end depends on the start: it varies by {glue}`spread` of its mean. With more latent dimensions starts may differ more.

# %% tags=["remove-input"]
if plane:
    figure(
        figures.fig_4(plane),
        id="review-fig-4" if normal == 4 else f"anogen-fig-review-search-{normal}",
        caption="Searches for the reconstruction of a normal image (top) and of an anomaly (bottom). Above: the image $x$, and the images of the best search after some of its steps, from the start $z_0$ to the end $z_T$, with their residuals. Below: the paths of five searches over the latent plane, which is the brighter the larger the residual, and their residuals.",
        alt="Two blocks, for a normal image and for an anomaly. Above: the image, and six generated digits from the start of the search to its end. Below: a map with five paths that lead downhill, and five falling lines.",
        records=[plane],
    )

# %% [markdown]
# ```{verdicts} review-c-06 review-c-07
# ```
#
# ## Table 1: time of a search and of an encoder
#
# **The review:** one search takes as long as {glue}`ratio_source` encodings; larger limits and smaller $\epsilon$ cost more, batches cost less.

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`ratio` encodings. A search takes {glue}`search_ms` ms and an encoding {glue}`encoding_ms` ms of one processor core (median of the measurements).

# %% tags=["remove-input"]
if times:
    beats = times.parameter("dataset") == heartbeats.NAME
    rows = f"{times.parameter('tested')} {'heartbeats' if beats else 'images'}"
    caption = f"Search and encoder on {rows}: the processor time of a sample relative to that of one encoding, here and in the paper, and how well each detects."
    id_ = "review-table-1" if beats else "anogen-table-search"
    table(*figures.table_1(times.arrays), id=id_, caption=caption, records=[times])
    first, encoder = 0, next(r for r, row in enumerate(ROWS) if not row.limit)
    loose = next(r for r, row in enumerate(ROWS) if (row.epsilon, row.limit) == (0.05, 500))
    stopped = np.mean(times["steps"][:, loose] < ROWS[loose].limit, axis=-1)
    glue(
        tested=times.parameter("tested"),
        ratio_source=f"{ROWS[first].reported / ROWS[encoder].reported:.0f}",
        search_auc=f"{times['measures'][0, first, 0]:.2f}",
        encoder_auc=f"{times['measures'][0, encoder, 0]:.2f}",
        stopped=join_names([percent(share) for share in stopped]),
        uneven=f"{UNEVEN:g}",
    )
    if "processor_seconds" in times.arrays:
        taken = np.nanmedian(times["processor_seconds"][0], axis=-1)
        glue(
            ratio=f"{taken[first] / taken[encoder]:.0f}",
            search_ms=f"{1000 * taken[first]:.0f}",
            encoding_ms=f"{1000 * taken[encoder]:.2f}",
            disturbed=f"{disturbed(times):.1f}",
        )
    else:  # not timed at scale quick
        glue(**dict.fromkeys(("ratio", "search_ms", "encoding_ms", "disturbed"), "–"))

# %% [markdown]
# The heartbeats are our own cut of the MIT-BIH database, with test patients who are in neither training nor validation (at scale *quick*, images of digits). The source leaves open the bandwidth of the kernel that measures similarity
# (here the median distance of two training samples), the learning rate ("an adapting learning", a word is missing, `inc-review-07`), and where the search starts: the text says at random, the authors' framework starts at the
# encoder's $E(x)$; both are in the table. Some of its standard deviations exceed their means, and two of its times are in the text only (`inc-review-08`).
#
# With $\epsilon = 0.05$, {glue}`stopped` of the searches stop before the limit of 500 (random and encoder start). Searches of equally many steps should take equally long; here the slowest tenth takes up to {glue}`disturbed` times as long as the
# fastest, because other programs ran on the machine. A ratio of {glue}`uneven` or less between two rows then cannot be distinguished from 1.
#
# ```{verdicts} review-c-27 review-c-28 review-c-29 review-c-30
# ```

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - A generator of one class can also generate what a classifier takes for others ({glue}`other_share` of the samples here, none with {glue}`pure` of {glue}`gans` GANs); then a small residual alone does not make a sample normal.
# - An encoder replaces a search at {glue}`ratio` times its speed, with a similar AUC ({glue}`encoder_auc` and {glue}`search_auc`).
# - A search ends at a residual that depends on its start; in two dimensions it varies by {glue}`spread` of its mean.
