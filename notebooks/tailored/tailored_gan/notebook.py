# %% [markdown]
# # Seeds, generator and classifier
#
# *A GAN and the norm of its seeds*
#
# A classifier gives every image a class, also an image that has none. {cite:t}`kralik2024gan` want to stop such images before they reach it, and they make the examples that a guard has to learn from
# themselves. A generator that was trained to turn random seeds into digits has never seen a seed far larger than those it was trained on. What it makes of one is, they argue, an anomaly; the larger the
# seed, the farther the anomaly; and who recognises those just outside will recognise all that lie beyond.
#
# This chapter looks at the argument's first half, the seeds and the images. The next one trains the guard.

# %% tags=["parameters"]
scale = "laptop"
digit = 8
path_digit = 1
width = 32
iterations = 20000  # over which the learning rate falls
until = 5000  # of them
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.chapters import chapter_experiments
from companion.notebook import figure, has_book_parameters, load_records, markdown, table
from notebooks.tailored.common.page import show_losses, show_premise
from notebooks.tailored.tailored_gan import figures

given = {"digit": digit, "path_digit": path_digit, "width": width, "iterations": iterations, "until": until}
record = load_records("tailored-gan", scale, seed=seed, **given)
norms, samples, gan = record.get("norms"), record.get("samples"), record.get("gan")
is_book = has_book_parameters("tailored-gan", globals())
one = chapter_experiments("tailored-gan", scale, seed=seed, **given)["gan"]
trained = f"{one.done:,} iterations of {one.batch} images, {one.width} filters"

# %% [markdown]
# ## How large is a seed?
#
# A seed $\mathbf{n}$ is a vector of $N$ standard normal numbers. Its size is measured by the largest of them,
#
# $$
# \lVert\mathbf n\rVert=\max_{i=1,\dots,N}|n_i| ,
# $$ (tailored-eq-norm)
#
# so that seeds up to a size fill a cube. The text calls it a hypersphere; its conclusion says hypercube, which is right (`inc-tailored-02`). The paper gives the density of the norm as
#
# $$
# f(x)=\frac{N}{\sqrt{2\pi}}\,e^{-x^2/2}\left(\tfrac12+\tfrac12\operatorname{erf}\left(\tfrac{x}{\sqrt2}\right)\right)^{N-1} .
# $$ (tailored-eq-1)
#
# :::{admonition} An erratum in the source
# :class: note
#
# {eq}`tailored-eq-1` is the density of the largest $n_i$, not of the largest $|n_i|$ (`inc-tailored-01`). A seed whose largest number is $-4$ has norm 4, which the formula does not know. With absolute values it is
# $f(x)=N\sqrt{2/\pi}\;e^{-x^2/2}\operatorname{erf}(x/\sqrt2)^{N-1}$ for $x \ge 0$.
# :::

# %%
if norms:
    caption = f"Density of the norm of a standard normal seed of each length: of {norms.parameter('count'):,} simulated seeds, by the corrected formula and as the paper prints it. Dotted: $r_A = 5$, which the paper takes for the border."
    alt = "Two panels with a histogram that peaks near 2.5 and, for the longer seed, near 2.7. A solid line follows it; a dashed one has its peak a quarter further left. Nearly nothing is left at 5."
    figure(figures.fig_1(norms), id="tailored-fig-1", caption=caption, alt=alt, records=[norms])
    corrected, as_printed = norms["above"][:, 0], norms["above"][:, 1]
    markdown(
        f"The paper's use of the formula does not depend on the misprint: a norm above 5 has probability {corrected[0]:.1e} for $N={norms['lengths'][0]}$ and {corrected[1]:.1e} for $N={norms['lengths'][1]}$ "
        f"({as_printed[0]:.1e} and {as_printed[1]:.1e} by the printed formula). The most frequent norms are {norms['modes'][0, 0]:.2f} and {norms['modes'][1, 0]:.2f}, not {norms['modes'][0, 1]:.2f} and {norms['modes'][1, 1]:.2f}. "
        f"Note where that leaves the range between: norms from 3.5 to 5 count as inside, but hardly any training seed is there. And the ball inside the cube is no part of it worth mentioning: its share of the volume is "
        f"$10^{{{norms['log10_volume'][0]:.1f}}}$ and $10^{{{norms['log10_volume'][1]:.1f}}}$."
    )

# %% [markdown]
# To draw a seed of a given norm, we draw a normal one and rescale it. To wait for one is hopeless, as the probabilities show.
#
# ```{verdicts} tailored-c-01 tailored-c-02 tailored-c-03 tailored-c-04 tailored-c-05
# ```

# %% [markdown]
# ## The networks
#
# The generator $G(\mathbf n, \tilde y)$ gets a seed and a class, the critic $D(x, y)$ an image and a class; both are residual networks. The classifier $C$ was trained before, and is to be protected. It takes part in the game:
# the class for which the critic judges a fake is the one that the classifier sees in it.

# %%
caption = "The networks and what they give one another. The paper calls the critic a discriminator; it gives a real number, not a probability."
alt = "Boxes and arrows: seed and class go into a generator, its fake goes to the classifier and to the critic; the classifier's decision and a real image with its class go to the critic as well."
figure(figures.fig_4(), id="tailored-fig-4", caption=caption, alt=alt)
if layers := record.get("architecture"):
    for number, name in ((1, "MNIST"), (2, "CIFAR-10")):
        caption = f"The {name} networks: each layer's output here, at the paper's width, and as the paper prints it."
        table(*figures.tables_1_2(layers, number), id=f"tailored-table-{number}", caption=caption, records=[layers])

# %% [markdown]
# The paper leaves open what is inside a block. Ours activate before they convolve; the generator's have batch normalisation, which the paper excludes for the discriminator only; where the size changes, the input passes
# through a 1x1 convolution.
#
# The game is a Wasserstein GAN with a gradient penalty {cite:p}`gulrajani2017improved`. The generator minimises
#
# $$
# G_{LOSS}=\alpha L_{ADV}+(1-\alpha)L_C
# $$ (tailored-eq-2)
#
# $$
# L_{ADV}=-F
# $$ (tailored-eq-3)
#
# $$
# L_C=\mathrm{CrossEntropy}(\tilde y,C(G_F))
# $$ (tailored-eq-4)
#
# $$
# F=\frac1B\sum D(G_F,\hat C(G_F))
# $$ (tailored-eq-5)
#
# $$
# G_F=G(\mathbf n_F,\tilde y)
# $$ (tailored-eq-6)
#
# with $\hat C$ the one-hot decision of the classifier and $B$ the size of the batch, and the critic minimises
#
# $$
# D_{LOSS}=F-R+\lambda\,GP
# $$ (tailored-eq-7)
#
# $$
# R=\frac1B\sum D(x,y)
# $$ (tailored-eq-8)
#
# $$
# F=\frac1B\sum D(G_F,\tilde y)
# $$ (tailored-eq-9)
#
# $$
# GP=\mathbb E_{\hat x}\left[(\lVert\nabla_{\hat x}D(\hat x,y)\rVert_2-1)^2\right],\quad \hat x=\epsilon x+(1-\epsilon)G_F .
# $$ (tailored-eq-gp)
#
# Where we write $\tilde y$ in {eq}`tailored-eq-4` and {eq}`tailored-eq-9`, the paper prints $y$, the label of the real images, although the fakes were made for $\tilde y$ (`inc-tailored-05`).
# For the critic we draw $\tilde y = y$, which makes both readings one; the penalty then compares a real image with a fake of the same class. With classes drawn apart our critic diverged. The same letter $F$ stands for two
# means (`inc-tailored-04`). $\alpha = 0.5$ and $\lambda = 10$ throughout; the critic moves three times for each move of the generator.

# %% tags=["remove-input"]
paper = type(one).at("paper")
markdown(
    f"**Scale.** The paper trains for 1,500 epochs of 60,000 images, with {paper.width} filters and batches of {paper.batch}. Here it is {trained}, with a learning rate of {one.rate:g} that falls to nothing and Adam's "
    f"$\\beta = {tuple(one.betas)}$ in the place of {paper.betas}; the paper's rate is {paper.rate:g}. That is {one.done * one.batch / paper.iterations / paper.batch:.2%} of the images that the paper's training sees, and "
    "everything below has to be read with it in mind."
)
if "classifier" in record:
    text = f"The classifier, for which the paper gives no recipe, is right on {record['classifier']['accuracy']:.2%} of the test images; the paper reports 98.27%."
    markdown(text)
if samples:
    show_losses(gan, "anogen-fig-tailored-losses", trained)
    caption = f"Eight fakes of each class, of natural seeds; {trained}. They are the first that were drawn, not chosen."
    alt = f"A grid of small images, a column for each digit.{' Most show their digit, some with gaps or blots.' * is_book}"
    figure(figures.fig_fakes(samples), id="anogen-fig-tailored-fakes", caption=caption, alt=alt, records=[samples])
    slopes, fakes = samples["slopes"], samples["fake_predicted"]
    markdown(
        f"After training, the critic's gradient between real images and fakes has a norm of {slopes.mean():.2f} on average, where the penalty wants 1. Of {fakes.size} fakes, the classifier gives "
        f"{(fakes == np.arange(10)[:, None]).mean():.0%} the class for which they were made. Their diversity is {samples['div_ratio'].min():.2f} to {samples['div_ratio'].max():.2f} of that of real images, by class."
    )

# %% [markdown]
# Whether such a generator's images can replace real ones is tested by two numbers, with bars that were fixed before better generators were trained: the share of the fakes to which a classifier that had no part in the training gives their
# class, and the area under the ROC curve by which a detector trained on real images tells fakes from real ones. Where a bar is missed, verdicts that depend on the generator are *inconclusive*, here and on the next pages.

# %% tags=["remove-input"]
show_premise("tailored-gan")

# %% [markdown]
# ### A generator at the printed width
#
# The GAN of this chapter is narrow and was trained briefly. One with the printed networks and batch is being trained for longer, with bfloat16
# arithmetic (weights and moments are float32). Its fakes are judged by a classifier that had no part in the training, and by the distance of that
# classifier's features from those of test images: coverage is the share of test images that have a fake nearby, density the number of test images
# near a fake relative to its expectation {cite:p}`naeem2020reliable`. The next chapter still uses a narrow GAN, whose detectors are to be trained again.

# %%
progress = [record[role] for role in record if role.startswith("progress")]
if progress:
    caption = "Fakes of each class from two seeds: the GAN of this chapter, then one at the printed width and batch. Rows: filters; iterations."
    alt = "A row of twenty small images, two of each digit, for each GAN."
    if is_book:
        alt += " Those of the first row have gaps and blots; those of the others are legible digits."
    picture = figures.fig_progress(progress)
    figure(picture, id="anogen-fig-tailored-progress", caption=caption, alt=alt, records=progress)
    table(*figures.table_progress(progress))

# %% [markdown]
# ```{verdicts} tailored-c-17 tailored-c-18 tailored-c-19
# ```
#
# ### What α does
#
# A small $\alpha$, says the paper, gives images that the classifier accepts even at the cost of artefacts, a large one images like those of the training set; it shows no experiment on it. Here the GAN is trained further, with one
# $\alpha$ or another, and its fakes are judged by the classifier in the loop, by another one that had no part in the training, and by the Fréchet distance of that other one's features from those of real images.

# %%
if alpha := record.get("alpha"):
    further = f"{alpha.parameter('further')} further iterations of {alpha.parameter('few')} images"
    caption = f"Fakes of each class from the same seeds, before and after {further} with each α, {alpha.parameter('trainings')} trainings of each; before, {trained}."
    alt = "Rows of ten small images, a column for each class: one row before, then one for each value of α and each training."
    figure(figures.fig_alphas(alpha), id="anogen-fig-tailored-alpha", caption=caption, alt=alt, records=[alpha])
    table(*figures.table_alphas(alpha))
    text = f"In bold the mean, then each training, of {further}. As many real images of the training set have a feature distance of {float(alpha['ceiling']):.1f} from those of the test set."
    markdown(text)

# %% [markdown]
# ```{verdicts} tailored-c-20
# ```
#
# ## What the norm does to an image

# %%
if samples:
    caption = f"One seed in all ten classes, its norm rising from left to right; a GAN of {trained}."
    alt = "Ten rows of small images, one a class."
    if is_book:
        alt += " On the left are digits; to the right they dissolve into strokes that are much the same in all rows."
    figure(figures.figs_2_3_14(samples), id="tailored-fig-2", caption=caption, alt=alt, records=[samples])
    caption = f"Several seeds of class {digit}, their norm rising from left to right; the same GAN."
    alt = "Rows of small images, one a seed."
    if is_book:
        alt += f" All begin with the same {digit} on the left and end in strokes of different shapes on the right."
    id_ = "tailored-fig-3" if digit == 8 else f"anogen-fig-tailored-seeds-{digit}"
    figure(figures.figs_2_3_14(samples, "single"), id=id_, caption=caption, alt=alt, records=[samples])

# %%
if samples:
    hit, fine = samples["hit"].mean(axis=0), samples["fine"]
    inner, middle, outer = (hit[(fine >= low) & (fine <= high)].mean() for low, high in ((0, 1), (2, 4), (6, 15)))
    plain = (
        "give plain, somewhat faint digits, and the classifier sees"
        if is_book
        else "give images of which the classifier sees"
    )
    text = f"Norms up to 1 {plain} {inner:.0%} of them as what they should be; from 2 to 4, where most of the training seeds are, {middle:.0%}; from 6 on, {outer:.0%}."
    if is_book:
        text += " Note that even inside the border of 5 the digits fall apart: the training met few seeds of norm 4 or more."
    markdown(text)

# %% [markdown]
# The paper says of the first figure that all classes slowly become the same anomaly, and of the second that different seeds lead to different ones; further on, of the same figure, that it shows a convergence
# (`inc-tailored-03`). Both can be measured.

# %%
if samples:
    caption = f"Left: mean L2 distance between the images of one seed in ten classes, and between those of {samples['class_distance'].shape[0]} seeds in class {digit}. Right: distance of {samples['nearest'].size} images of all classes to the nearest training image of their class."
    alt = "Left, two lines over the norm. Right, a cloud of points over the norm."
    picture = figures.fig_distances(samples)
    figure(picture, id="anogen-fig-tailored-distances", caption=caption, alt=alt, records=[samples])
    near = samples["nearest_norms"]
    markdown(
        f"From norm 3 to 15, the ten classes of one seed go from a mean distance of {samples['class_distance'].mean(axis=0)[3]:.1f} to {samples['class_distance'].mean(axis=0)[15]:.1f}, the seeds of one class from "
        f"{samples['seed_distance'][3]:.1f} to {samples['seed_distance'][15]:.1f}. The nearest training image is {np.median(samples['fakes_nearest']):.1f} away from a fake of natural norm, and "
        f"{np.median(samples['nearest'][(near >= 6) & (near <= 7)]):.1f} from an image of norm 6 to 7 (medians)."
    )

# %% [markdown]
# ```{verdicts} tailored-c-07 tailored-c-08 tailored-c-09 tailored-c-10 tailored-c-12
# ```
#
# ### Paths
#
# Some seeds of one class, in steps of half a unit of norm.

# %%
if samples:
    caption = f"Images of class {path_digit} from five seeds, norms 0 to 15 in steps of 0.5; a GAN of {trained}."
    alt = (
        f"Five rows of 31 small images.{f' All begin with the same {path_digit} and end in something else.' * is_book}"
    )
    is_theirs = path_digit == 1
    id_ = "tailored-fig-14" if is_theirs else f"anogen-fig-tailored-path-{path_digit}"
    figure(figures.figs_2_3_14(samples, "path"), id=id_, caption=caption, alt=alt, records=[samples])
    ends = samples["path_predicted"][:, -1]
    paper = " In the paper the five end in the classes 0, 2 and 4." if is_theirs else ""
    markdown(f"At norm 15 the classifier takes them for {', '.join(map(str, ends))}.{paper}")

# %% [markdown]
# ```{verdicts} tailored-c-46
# ```
#
# ## Who notices?
#
# One could hope that the classifier becomes unsure, or that the critic, which knows real images from fakes, gives a low score.

# %%
if samples:
    caption = f"Left: the classifier's largest probability. Right: the critic's score for the class that the classifier decides on. Means over {samples['class_distance'].shape[0]} seeds, one line a class; dotted: $r_A$."
    alt = "Two panels with ten lines each over the norm of the seed, from 0 to 15, and a dotted vertical line at 5."
    figure(figures.fig_5(samples), id="tailored-fig-5", caption=caption, alt=alt, records=[samples])
    sure = samples["confidence"].mean(axis=0)
    no_digit = ", where its images show no digit" if is_book else ""
    markdown(
        f"The classifier is {sure[0]:.0%} sure at norm 0 and {sure[-1]:.0%} at norm 15{no_digit}. It has no word for *none of these*, and the critic was never asked about such images. That is the reason for a "
        "detector of its own, which is the subject of the next chapter."
    )

# %% [markdown]
# ## How a score is judged
#
# A score above a threshold is accepted. The paper's tables count *real* as the positive class, although its text calls an anomaly positive: only so do its accuracies and false positive rates fit together, and we follow the
# tables.

# %%
if binormal := record.get("binormal"):
    caption = "Two normal laws of scores and a threshold. Left: accepted anomalies (FP) and accepted real images (TP). Right: both rates as the threshold moves."
    alt = "Left, two overlapping bells and a vertical line; the areas to the right of it are shaded. Right, two falling curves."
    figure(figures.fig_6(binormal, threshold=1.0), id="tailored-fig-6", caption=caption, alt=alt, records=[binormal])

# %% [markdown]
# The area under the ROC curve is the share of pairs in which the real image scores higher; here the two are computed in two ways.
#
# ```{verdicts} tailored-c-22 tailored-c-23
# ```
