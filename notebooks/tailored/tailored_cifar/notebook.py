# %% [markdown]
# # The anomaly detector on CIFAR-10
#
# *The tailored detector in colour*
#
# {cite:t}`kralik2024gan` repeat their experiment on CIFAR-10: a generator of colour images makes fakes and near anomalies, and a detector learns to tell them apart. With digits, most of what is no digit is refused. With photographs
# of ten things it is harder to say what is *not* one of them: CIFAR-100 has photographs of other things, taken in the same way, and the paper's detector hardly notices. SVHN, house numbers in colour, it holds to be more
# normal than CIFAR-10 itself.
#
# The paper's networks for colour have more than a hundred filters, and their training is a matter of days on a good graphics card. What two processors can do in an hour or two is far from that. This page shows what comes out. Its
# generator has not learned, by the two numbers below, so that all verdicts on it are *inconclusive*: they describe our networks, not the paper's.

# %% tags=["parameters"]
scale = "laptop"
width = 16
iterations = 1200
trainings = 2
updates = 300
svhn = 0
seed = 0

# %% tags=["remove-input"]
import numpy as np

from anogen.datasets import DATASETS
from companion.chapters import chapter_experiments
from companion.notebook import figure, has_book_parameters, load_records, markdown
from notebooks.tailored.common.figures import fig_losses
from notebooks.tailored.common.page import show_losses, show_norms, show_premise, show_scores, show_table
from notebooks.tailored.tailored_cifar import figures

given = {"width": width, "iterations": iterations, "trainings": trainings, "updates": updates}
given["svhn"] = svhn
wanted = chapter_experiments("tailored-cifar", scale, seed=seed, **given)
record = load_records("tailored-cifar", scale, seed=seed, **given)
is_book = has_book_parameters("tailored-cifar", globals())
one, paper = wanted["gan"], chapter_experiments("tailored-cifar", "paper")["gan"]
names = list(DATASETS[one.dataset].classes)
gan = f"a GAN of {one.done:,} iterations of {one.batch} images, {one.width} filters"
ours = wanted["generated"]
detector = f"{ours.trainings} detector{'s' * (ours.trainings > 1)} of {ours.updates:,} iterations; {gan}"

# %% [markdown]
# ## A narrow generator
#
# The architecture is the paper's, with one block more in the generator than for digits, seeds of 128 numbers, and fewer filters; so is the game, with five moves of the critic for each of the generator. The paper
# says in one place that the ratio is 5:1 for CIFAR-10 and in another that only the length of the seed differs (`inc-tailored-07`); we use 5:1. The classifier is a WideResNet-16 as in the paper.

# %% tags=["remove-input"]
share = one.done * one.batch / (paper.iterations * paper.batch)
wide = wanted["classifier"]
text = f"**Scale.** {one.width} filters in the generator where the paper has {paper.width}, and {share:.3%} of the images that its training sees; the classifier has {1 / (4 / wide.widen):.0%} of its filters. "
if "classifier" in record:
    provenance = record["classifier"].meta["data"][one.dataset]["provenance"]
    text += f"It is right on {float(record['classifier']['accuracy']):.1%} of the test images; the paper's on 94.77%. Training images are those at hand ({provenance.rstrip('.')}). "
if wanted.keys() == record.keys():
    minutes = sum(found.meta["seconds"] for found in record.values()) / 60
    text += f"All records of this page together took {minutes:.0f} minutes, on processors that did other work as well. "
markdown(text)

# %% [markdown]
# Two numbers say whether its images can replace real ones: the share of the fakes that get their class, by the classifier of the training since there is no other, and the area under the ROC curve by which a detector trained on real images tells
# fakes from real ones (the paper's is 48.6).

# %% tags=["remove-input"]
show_premise("tailored-cifar")

# %%
if samples := record.get("samples"):
    show_losses(record["gan"], "anogen-fig-tailored-cifar-losses", gan)
    caption = f"Fakes of natural seeds, four of each class; {gan}."
    alt = "Ten columns of four small colour images, one column a class."
    picture = figures.fig_fakes(samples, names)
    figure(picture, id="anogen-fig-tailored-cifar-fakes", caption=caption, alt=alt, records=[samples])
    caption = f"One seed in five of the ten classes, its norm rising from left to right; {gan}."
    alt = "Five rows of small colour images, one a class, over the norm of the seed."
    picture = figures.fig_norms(samples, names)
    figure(picture, id="anogen-fig-tailored-cifar-norms", caption=caption, alt=alt, records=[samples])
    text = f"The classifier gives {samples['hit'].mean():.0%} of the fakes the class for which they were made ({samples['hit'].min():.0%} to {samples['hit'].max():.0%} by class)."
    markdown(text)

# %% [markdown]
# ### Narrow networks cannot begin as wide ones
#
# All weights begin as draws from a normal distribution of deviation 0.02, the paper says.

# %% tags=["remove-input"]
left = "a quarter" if width == 16 else f"{0.02 * np.sqrt(9 * width):.0%}"
markdown(
    f"""A layer of 192 filters sums 1,728 such products, and passes a signal on at about its own size; one of {width} sums {9 * width:,}, and what is left of the signal is {left}."""
)

# %% [markdown]
# A critic of such layers is nearly linear, and a step of the paper's rate changes it less than it would change a wide one. It cannot keep up: the generator finds what this critic likes, drives it to extremes, and the critic turns round too late. The
# training above therefore begins with larger weights and gives the critic a larger rate, both by the root of 160 over the number of filters, which changes nothing at the paper's own width. Without it:

# %%
if failed := record.get("unscaled-samples"):
    unscaled = wanted["unscaled"]
    short = f"a GAN of {unscaled.iterations:,} iterations, {unscaled.width} filters, weights and rate as printed"
    caption = f"The training without the larger weights and rate: at a negative advantage the critic holds fakes to be more real than photographs; {short}."
    alt = f"Three panels with lines over the iterations{'; the first falls far below zero, the second has peaks in the thousands' * is_book}."
    picture = fig_losses(record["unscaled"])
    figure(
        picture, id="anogen-fig-tailored-cifar-unscaled-losses", caption=caption, alt=alt, records=[record["unscaled"]]
    )
    caption = f"Its fakes, of the same natural seeds; {short}."
    alt = f"Ten columns of four small images{', all of the same green with dark strokes' * is_book}."
    picture = figures.fig_fakes(failed, names)
    figure(picture, id="anogen-fig-tailored-cifar-unscaled-fakes", caption=caption, alt=alt, records=[failed])

# %% [markdown]
# ## The critic, not trained for anomalies
#
# Sets of anomalies are photographs of CIFAR-100's things, digits resized and in three equal channels, and noise. SVHN and LSUN are not part of the data that this book was computed with. SVHN's test part is public (64 MB): put `test_32x32.mat` from
# http://ufldl.stanford.edu/housenumbers/ into the folder that `ANOGEN_DATA` names, and `anogen run tailored-cifar -p svhn=1` fills its cells. Where the paper has LSUN there are other photographs of
# scenes, from the Intel image classification data, and they stand in the tables under their own name.

# %%
if critic := record.get("critic"):
    show_table(
        critic, 4, "The critic, not trained for anomalies", f"{critic.parameter('count'):,} images of each set, {gan}"
    )
    caption = f"The critic. Left: ROC curves. Right: scores of each set, median, quartiles and range; the line is the 95% threshold; {gan}."
    show_scores(critic, "anogen-fig-tailored-cifar-critic", caption, "the sets")

# %% [markdown]
# ```{verdicts} tailored-c-25
# ```
#
# ## Trained on near anomalies

# %%
if trained := record.get("generated"):
    show_table(trained, 6, "The detector trained on fakes and near anomalies", detector)
    show_scores(
        trained, "anogen-fig-tailored-cifar-trained", f"As for the critic, now the first of {detector}.", "the sets"
    )
    show_norms(trained, "anogen-fig-tailored-cifar-over-norms", detector)
    places = [trained["names"].tolist().index(name) for name in ("fakes", "near")]
    fakes, near = trained["auroc"].mean(axis=0)[places]
    markdown(
        f"Between real images and fakes the detector's area under the ROC curve is {fakes:.2f}, where 0.5 means that it takes fakes for real; between real images and near anomalies of norms from 6 to 7, which it has not seen in "
        f"training, {near:.2f}."
    )

# %% [markdown]
# The paper's text suspects a clever-Hans effect behind the failure on SVHN. Its contributions name MNIST against SVHN as the exception, although its tables show that the failures are CIFAR-10 against SVHN and CIFAR-100
# (`inc-tailored-14`); and that data sets are easier than near anomalies is true of two or three of its six sets (`inc-tailored-13`).
#
# ```{verdicts} tailored-c-33
# ```
#
# ## Real images in training
#
# With SVHN among the anomalies of training the paper's detector finds SVHN, and it is said to find CIFAR-100 more often; that LSUN suffers is not mentioned (`inc-tailored-18`). Half of the anomalies are here replaced by images
# of CIFAR-100, others than are tested. Or real images take the place of the fakes.

# %%
for number, role, what in (
    (8, "specific", "The detector with CIFAR-100 mixed in, where the paper has SVHN"),
    (10, "real", "The detector with real images in the place of fakes"),
):
    if role in record:
        show_table(record[role], number, what, detector)
if trained and "real" in record:
    sets = [trained["names"].tolist().index(name) for name in trained.parameter("sets")]
    before, after = (np.mean(one["auroc"][:, sets]) for one in (trained, record["real"]))
    text = f"Over the sets of anomalies, the mean area is {before:.3f} with fakes and {after:.3f} with real images in training."
    markdown(text)

# %% [markdown]
# ```{verdicts} tailored-c-36 tailored-c-40
# ```
#
# ## Strangers to the detector of digits
#
# In the paper's last figure, its detector of digits is shown what the generator of colour images makes, in grey and at the digits' size. Here it is the generator above, and the book's own detectors of digits.

# %%
if crossed := record.get("crossed"):
    caption = f"Mean score by {crossed.parameter('trainings')} detectors of digits of images that the generator of colour images makes for each class, over the norm of the seed; horizontal, the 95% threshold, below which an image is refused; vertical, $r_A$; {gan}."
    alt = "Ten lines over the norm of the seed, one a class, with a dotted horizontal and a dotted vertical line."
    figure(figures.fig_17(crossed, names), id="tailored-fig-17", caption=caption, alt=alt, records=[crossed])
    real, made, far = 100 * crossed["refused"][:, :, 0].mean(axis=0)
    text = f"At the 95% threshold the detectors of digits refuse {real:.1f}% of the real images, {made:.1f}% of the fakes and {far:.1f}% of the near anomalies. The paper reports 90.50%, 89.75% and 98.52%."
    markdown(text)

# %% [markdown]
# ```{verdicts} tailored-c-42
# ```
