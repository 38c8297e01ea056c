# %% [markdown]
# # The anomaly detector on MNIST
#
# *A detector tailored to a classifier*
#
# {cite:t}`kralik2024gan` train a guard for a classifier of digits without a single real anomaly. A generator turns seeds of norm below 5 into *fakes*, which count as normal, and seeds of norm 5 to 6 into *near anomalies*. A network
# like the critic learns to tell the two apart. If larger seeds give farther anomalies, and if anomalies of other origin are farther still, it should then refuse everything that is no digit.
# The abstract calls this *proved*, the conclusion *supported* (`inc-tailored-19`); to us it is an assumption, and what follows tests it.
#
# This page repeats the paper's Tables 3, 5, 7 and 9, asks how much of the effect is due to the near anomalies, and compares with what the paper compares with.
#
# :::{admonition} What these detectors cannot tell
# :class: warning
#
# The paper's premise is that fakes can take the place of the training images. Two numbers test it, with bars that were fixed before better generators are trained: the share of the fakes to which a classifier that had no part in the training gives
# their class, and the area under the ROC curve by which a detector trained on *real* images tells fakes from real ones (the paper's is 52.5). Where the generator misses a bar, the paper's claims are not being tested, and their verdicts are
# *inconclusive*; all numbers are shown. The first version of this page did not ask, and judged. It also made a mistake with Omniglot: it showed the detectors white characters on black, without noticing that the set is black on white, and concluded
# that this set defeats them. As it is distributed, they refuse all of it.
# :::

# %% tags=["parameters"]
scale = "laptop"
width = 16
iterations = 1200
trainings = 8
updates = 600
svhn = 0
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.chapters import chapter_experiments
from companion.notebook import figure, load_records, markdown, table
from notebooks.tailored.common.page import both_ways, show_norms, show_premise, show_scores, show_table, sources
from notebooks.tailored.tailored_mnist import figures

given = {"width": width, "iterations": iterations, "trainings": trainings, "updates": updates}
given["svhn"] = svhn
record = load_records("tailored-mnist", scale, seed=seed, **given)
critic, trained = both_ways(record, "critic"), record.get("generated")
detected = both_ways(record, "generated")
one = chapter_experiments("tailored-mnist", scale, seed=seed, **given)["generated"]
gan = f"a GAN of {one.done:,} iterations, {one.width} filters"
detector = f"{one.trainings} detectors of {one.updates:,} iterations; {gan}"

# %% tags=["remove-input"]
show_premise("tailored-mnist")

# %%
caption = "The anomaly detector is built like the critic and fed by the trained generator alone."
alt = "Boxes and arrows: seeds of norm below 5 and of norm 5 to 6 go into a trained generator; its fakes and near anomalies go to the anomaly detector."
figure(figures.fig_10(), id="tailored-fig-10", caption=caption, alt=alt)

# %% [markdown]
# The score of an image is the detector's answer for the class that the classifier decides on,
#
# $$
# \mathrm{score}(x)=D(x,\hat C(x)) .
# $$ (tailored-eq-11)
#
# The paper prints the softmax $C(x)$ here and uses the one-hot decision $\hat C$ in training (`inc-tailored-06`); we use the decision. An image is accepted above a threshold $\tau$:
#
# $$
# x=\begin{cases}\text{not anomaly}&\mathrm{score}(x)>\tau\\ \text{anomaly}&\mathrm{score}(x)\le\tau\end{cases}
# $$ (tailored-eq-threshold)
#
# with $\tau$ such that 95%, or 99%, of 1,000 training images are accepted; the 1,000 near anomalies that the paper lists beside them have no part in this rule (`inc-tailored-17`). With accepted real images as true positives,
#
# $$
# TPR=\frac{TP}{TP+FN},\quad FPR=\frac{FP}{FP+TN} .
# $$ (tailored-eq-tpr-fpr)
#
# Of the sets of anomalies, SVHN is not part of the data that this book was computed with, and its cells are empty. Its test part is public (64 MB): put `test_32x32.mat` from http://ufldl.stanford.edu/housenumbers/ into the folder that
# `ANOGEN_DATA` names, and `anogen run tailored-mnist -p svhn=1` fills them. Omniglot is distributed black on white, and the paper does not say that it was inverted, so that this is the primary reading; the same images white on black, as digits
# are, have a row of their own. Grey values follow ITU-R 601, sizes are interpolated linearly. The paper does not say whether the norms of its fakes in the
# tables are natural ones or evenly spread over $[0, 5]$; the tables here have natural ones, and both are in the records.
#
# ## The critic, not trained for anomalies

# %%
if critic:
    show_table(critic, 3, "The critic, not trained for anomalies", f"{one.count:,} images of each set, {gan}")
    caption = f"The critic. Left: ROC curves. Right: scores of each set, median, quartiles and range; the line is the 95% threshold; {gan}."
    show_scores(critic, "tailored-fig-7", caption, "ten sets")
    caption = "The classifier's confidence against the critic's score; at most 1,000 images a panel."
    alt = "Eleven small scatter plots, one for the real images and one for each set of anomalies, with a vertical line at the threshold."
    figure(figures.figs_8_9(critic), id="tailored-fig-8", caption=caption, alt=alt, records=sources(critic))

# %% [markdown]
# ```{verdicts} tailored-c-21 tailored-c-24 tailored-c-26
# ```
#
# ## Trained on near anomalies

# %%
if critic and trained and detected:
    show_table(detected, 5, "The detector trained on fakes and near anomalies", detector)
    show_scores(detected, "tailored-fig-11", f"As for the critic, now the first of {detector}.", "ten sets")
    caption = "The classifier's confidence against the trained detector's score; at most 1,000 images a panel."
    alt = "Eleven small scatter plots, one for the real images and one for each set of anomalies, with a vertical line at the threshold."
    figure(figures.figs_8_9(detected), id="tailored-fig-9", caption=caption, alt=alt, records=sources(detected))
    show_norms(trained, "tailored-fig-12", detector)
    gain = 100 * (np.nanmean(detected["auroc"]) - np.nanmean(critic["auroc"]))
    markdown(
        f"On average over all rows, training changes the area by {gain:+.1f} points. Of the test images {trained['accepted'][:, 0].mean():.1%} are accepted at the 95% threshold. The text credits its Figs. 5b, 7 and 8 with this improvement; "
        "it means 12b, 11 and 9 (`inc-tailored-08`)."
    )

# %% [markdown]
# ```{verdicts} tailored-c-27 tailored-c-28 tailored-c-29 tailored-c-30 tailored-c-31 tailored-c-32 tailored-c-44 tailored-c-45 tailored-c-49
# ```
#
# ## Does near imply far?
#
# The paper's central assumption is that a detector which refuses seeds just beyond the border refuses all that lie farther out. It was trained on norms from 5 to 6 (the paper's Sec. 2 defines near anomalies by 6 to 7,
# `inc-tailored-16`); here it meets every band up to 20. Beside it stand detectors that have seen no near anomaly at all: one only uniform noise, one only digits that were said to be another digit.

# %%
roles = {
    "near anomalies": "generated",
    "real images as normal": "real",
    "uniform noise": "noise",
    "wrong digits": "others",
}
shown = {name: record[role] for name, role in roles.items() if role in record}
if shown:
    caption = f"By the norm of the seed: area under the ROC curve against the real images of the class (mean over classes), and share refused at the 95% threshold, for detectors trained on different anomalies; {gan}."
    alt = "Two panels of lines over the norm, from 0 to 20, with a dotted line at 5."
    picture = figures.fig_beyond(shown)
    figure(picture, id="anogen-fig-tailored-beyond", caption=caption, alt=alt, records=list(shown.values()))
if trained:
    caption = f"Area under the ROC curve of each unit band of norms against the real images of each class, mean over {detector}; {trained.parameter('each')} images a cell."
    alt = "A grid of numbers: ten rows of classes, ten columns of norms from 5 to 15."
    picture = figures.fig_by_class(trained)
    figure(picture, id="anogen-fig-tailored-by-class", caption=caption, alt=alt, records=[trained])
    areas = trained["band_auroc"].mean(axis=0)[5:15]
    band, label = np.unravel_index(np.nanargmin(areas), areas.shape)
    text = f"The lowest area between norms 5 and 15 is {areas[band, label]:.2f}, of class {label} at norms {5 + band} to {6 + band}; in the band from 14 to 15 the lowest is {np.nanmin(areas[-1]):.2f}."
    markdown(text)
if len(shown) > 1:
    names = trained["names"].tolist()
    sets = [names.index(name) for name in trained.parameter("sets") if name != "omniglot"]
    means = [f"{np.mean(one['auroc'][:, sets]):.3f} ({name})" for name, one in shown.items()]
    markdown(f"Over the sets of anomalies other than Omniglot, the mean area is {', '.join(means)}.")

# %% [markdown]
# ```{verdicts} tailored-c-06 tailored-c-11 tailored-c-13 tailored-c-14 tailored-c-15 tailored-c-16
# ```
#
# ## Real images in training
#
# A set of real anomalies may be mixed in; the paper takes SVHN, we take notMNIST, half of the anomalies (the paper does not give the share; its text refers to the wrong tables, `inc-tailored-09`). Or real digits take the place of the fakes.

# %%
for number, role, what in (
    (7, "specific", "The detector with notMNIST mixed in, where the paper has SVHN"),
    (9, "real", "The detector with real digits in the place of fakes"),
):
    if variant := both_ways(record, role):
        show_table(variant, number, what, f"{len(variant['auroc'])} detectors, {gan}")

# %% [markdown]
# ```{verdicts} tailored-c-34 tailored-c-35 tailored-c-37 tailored-c-38 tailored-c-39 tailored-c-41
# ```
#
# ## Where the classifier puts anomalies
#
# The classifier turns an image into 32 numbers, from which its last layer reads the class. On a map of these numbers, made by UMAP {cite:p}`mcinnes2018umap`, one sees where images lie that are no digits. The paper gives no
# parameters of the map; ours has the library's. A map shows who is whose neighbour, and little else: distances between clusters and their sizes mean nothing.

# %%
if plane := record.get("map"):
    count = f"{plane.parameter('count'):,} training images"
    of_class = plane.parameter("path_digit")
    caption = f"The classifier's features of {count}, one colour a class, on a map by UMAP."
    alt = "Ten clusters of dots, each with its digit in the middle."
    figure(figures.fig_13(plane), id="tailored-fig-13", caption=caption, alt=alt, records=[plane])
    caption = f"The same map, and the paths of five seeds of class {of_class} from norm 0 (ring) to 15 (squares) in steps of 0.5; {gan}."
    alt = "Grey clusters, and five coloured lines of dots that leave from one place and end in various clusters."
    figure(figures.fig_15(plane), id="tailored-fig-15", caption=caption, alt=alt, records=[plane])
    ends = plane["path_predicted"][:, -1]
    text = f"At the end of their paths, the classifier takes the five for {', '.join(map(str, ends))}. Of the classes on the way it names {len(np.unique(plane['path_predicted']))}."
    markdown(text)
    caption = f"The same map, and {plane.parameter('each')} anomalies of each kind: near ones of class {of_class}, with norms from 6 to 7, and three sets that no generator made; {gan}."
    alt = "Four panels with the same grey clusters, each with the red dots of one kind of anomalies."
    figure(figures.fig_16(plane), id="tailored-fig-16", caption=caption, alt=alt, records=[plane])
    most = [f"{(m >= 8).mean():.0%} ({name})" for name, m in zip(plane["names"], plane["majority"], strict=True)]
    text = f"The claim about it needs no map: among the ten training images whose features are nearest to an image's, at least eight are of one class for {', '.join(most)}. Real test images are the yardstick."
    markdown(text)

# %% [markdown]
# ```{verdicts} tailored-c-48
# ```
#
# ## What the detector draws
#
# The thesis asks a detector to draw what it holds to be normal. Put to this detector, the question is which image has the lowest score $-D(x,y)$. With the class held fixed the score has a gradient; where the classifier decides on
# the class, evolution searches.

# %%
if drawn := record.get("drawn"):
    caption = f"Above, what {drawn.parameter('iterations_down')} steps down the gradient draw from noise for each class, below the most normal of {drawn.parameter('count'):,} test images, by class; scores of the first of {detector}."
    alt = "Two rows of ten small images with numbers above them: what was drawn, and real digits."
    figure(figures.fig_drawn(drawn), id="anogen-fig-tailored-drawn", caption=caption, alt=alt, records=[drawn])
    caption = f"What {drawn.parameter('generations')} generations of {drawn.parameter('population')} images draw from noise, the classifier deciding on the class; the same detector."
    alt = "Small images with numbers above them."
    figure(figures.fig_evolved(drawn), id="anogen-fig-tailored-evolved", caption=caption, alt=alt, records=[drawn])
    down, outdone = slice(0, 10), drawn["outdone"]
    others = ""
    if len(outdone) > 1:
        others = f"The other detectors, trained alike, hold them to be more normal than {outdone[1:, down].mean():.0%} of the real images. "
    markdown(
        f"By the gradient, {int((outdone[0, down] == 1).sum())} of ten images are more normal to the detector than every real image of their class, and the classifier sees the class that was asked for in "
        f"{int((drawn['decided'][down] == np.arange(10)).sum())}. They lie {np.median(drawn['nearest'][down]):.1f} from the nearest training image (median), where test images lie {np.median(drawn['real_nearest']):.1f}. "
        f"{others}Evolution brings the score from {drawn['start_scores'][10:].mean():.1f} to {drawn['scores'][10:].mean():.1f}; the median of the best real images is {np.median(drawn['best_scores']):.1f}."
    )

# %% [markdown]
# ## Labels, ratios, and the literature
#
# The paper states that the ratio of fakes to near anomalies was optimised, and shows one (`inc-tailored-15`). Its last table compares the *accuracy* of its own detector with the areas under the ROC curve that others report, for other tasks
# (`inc-tailored-11`); one of its entries differs from its Table 5 (`inc-tailored-10`), and at the 99% threshold it would not lead (`inc-tailored-12`).

# %%
if trained:
    caption = f"What the paper compares, in percent, with both of our numbers: only the area is of the kind that the other columns hold, and they were measured on other tasks. {detector}."
    table(*figures.table_11(trained), id="tailored-table-11", caption=caption, records=[trained])

# %% [markdown]
# ```{verdicts} tailored-c-43 tailored-c-47 tailored-c-50
# ```
#
# ## Any classifier, any data
#
# All that the detector takes from the classifier is its decision, so that any classifier may take its place, and data of any type. That such a detector can be trained does not say that it detects: see the last column, where one half is chance.

# %%
if pieces := record.get("any"):
    table(*figures.table_classifiers(pieces))
    markdown(
        f"Small networks, {pieces.parameter('iterations')} iterations of the GAN and {pieces.parameter('updates')} of the detector, {pieces.parameter('count')} training rows; the signals are noisy sines of three frequencies. "
        "A row passes once through either, and its score is that of the detector which is told the decision alone."
    )

# %% [markdown]
# ```{verdicts} tailored-c-51
# ```
