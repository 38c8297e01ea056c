# %% [markdown]
# # Autoencoder on CIFAR-10

# %% [markdown] tags=["book-only"]
# ```{glance} autoencoder-cifar
# question: Does an autoencoder of colour images generate frogs and airplanes, or at least their colours?
# source: It generates coloured clouds without pattern, green and brown for frogs, blue and brown for airplanes. The distribution is not learned, but perhaps some of its characteristics are.
# here: One autoencoder for each class and two latent widths, four ways to descend and evolution, with the thesis's numbers of steps and generations; CIFAR-10 without {glue}`left_out` of its training images of other classes.
# finding: Grey clouds without pattern, as in the thesis. The similarity of neighbouring pixels (Moran's I) is {glue}`descent_moran` by gradient and {glue}`evolved_moran` by evolution. Their tints are much weaker than those of real images.
# ```

# %% [markdown]
# The thesis {cite:p}`ernst2025evaluating` trains one autoencoder on the frogs and one on the airplanes of CIFAR-10 {cite:p}`krizhevsky2009learning` and searches for their most normal images as on digits ({doc}`autoencoder`).

# %% tags=["parameters"]
scale = "laptop"
dataset = "cifar10"
classes = ["frog", "airplane"]
latents = [64, 16]
steps = 500
generations = 5000
starts = 16
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.figures.style import CHANNELS
from companion.figures.tables import percent
from companion.notebook import figure, glue, has_book_parameters, load_records, table
from notebooks.thesis.autoencoder_cifar import figures
from notebooks.thesis.autoencoder_cifar.claims import channel_means, tint
from notebooks.thesis.autoencoder_cifar.experiments import DIGIT_LATENTS
from notebooks.thesis.common.descent import WAYS

search = {"steps": steps, "generations": generations, "starts": starts, "seed": seed}
records = load_records("autoencoder-cifar", scale, dataset=dataset, classes=classes, latents=latents, **search)
width, is_book = latents[0], has_book_parameters("autoencoder-cifar", globals())
FIGURES = {"frog": "thesis-fig-6.3", "airplane": "thesis-fig-6.4"} if dataset == "cifar10" else {}
SCORE = "Above each is its score in thousandths of the median real image's."


def get(kind, name, latent=width, ending=""):
    return records[f"{kind}-{name}-{latent}{ending}"]


descents, evolved = ({name: get(kind, name) for name in classes} for kind in ("descent", "evolution"))
descent_quality, evolved_quality = (
    {name: get(kind, name, ending="-quality") for name in classes} for kind in ("descent", "evolution")
)
shape = CHANNELS[descents[classes[0]]["images"].shape[-1]]


def span(values, digits=2):
    """Write the range of a measure over the classes."""
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


# %% [markdown]
# ## The data (Secs. 3 and 5.1)
#
# **The thesis:** MNIST and CIFAR-10 have the sizes of the table. High-dimensional data need more training data and more computation to model.
#
# **Here:** {glue}`provenance`

# %% tags=["remove-input"]
rows, notes, left_out = [], [], ""
for counts in (record for role, record in records.items() if role.startswith("counts-")):
    train, size = counts["train"], " × ".join(map(str, counts["shape"]))
    extremes = f"{train.min():,} and {train.max():,}"
    rows.append([counts.parameter("dataset"), f"{train.sum():,}", f"{counts['test'].sum():,}", size, extremes])
    (data,) = counts.meta["data"].values()
    notes.append(data["provenance"])
    left_out = f"{10 * train.max() - train.sum():,}"
table(["data set", "training images", "test images", "shape", "smallest and largest class"], rows)
rows = []
for role, record in records.items():
    if role.startswith("reconstruction-"):
        error, variance = float(record["errors"].mean()), float(record["pixel_variance"])
        images = f"{record.parameter('dataset')}, {record.parameter('normal')}"
        rows.append([images, role.rpartition("-")[2], f"{error:.3f}", f"{variance:.3f}", percent(error / variance)])
table(["images of", "latent width", "error", "pixel variance", "share left unexplained"], rows)
glue(provenance=" ".join(notes) or "no record of the data.", left_out=left_out)

# %% [markdown]
# The same network, trained for as many epochs on as many images. *Share left unexplained* is the reconstruction error of unseen normal images, relative to the variance of their pixels. The verdict also takes the variance of all pixel
# values together, which is larger.
#
# ```{verdicts} thesis-c-05 thesis-c-06 thesis-c-07
# ```
#
# ## Detection by reconstruction error (Sec. 5.2.1)
#
# **The thesis:** an autoencoder that is trained on normal images only rebuilds them with a small error and anomalies with a larger one.

# %% [markdown] tags=["book-only"]
# **Here:** so it is on digits. On colour images the error says little: smooth images are rebuilt well and busy ones badly, whichever class they are of, and the ROC AUC is {glue}`colour_auc`.

# %% tags=["remove-input"]
digits = [w for w in DIGIT_LATENTS if f"detection-4-{w}" in records]
rows = []
for name, w in dict.fromkeys([*(("4", w) for w in digits), *((name, w) for name in classes for w in latents)]):
    detection = get("detection", name, w)
    scores, other, auc = detection["test_scores"], detection["test_labels"] == 1, detection["auc"]
    spread = f"{auc.mean():.2f}" + (f" ({auc.min():.2f} to {auc.max():.2f})" if auc.size > 1 else "")
    medians = (f"{np.median(scores[:, rows_]):.3f}" for rows_ in (~other, other))
    rows.append([name, str(w), spread, *medians])
table(["class", "latent width", "ROC AUC: mean (range)", "median error, normal", "median error, others"], rows)
glue(colour_auc=span([float(get("detection", name, w)["auc"].mean()) for name in classes for w in latents]))

# %% [markdown]
# ```{verdicts} thesis-c-08
# ```
#
# ## Figs. 6.3 and 6.4: colour images by gradient descent
#
# **The thesis:** images without recognisable pattern, with a green and brown tint for frogs and a blue and brown one for airplanes. The difference could be an indication that some characteristics of the class are learned.

# %% [markdown] tags=["book-only"]
# **Here:** grey clouds that score better than every real image; none looks normal. Stretched, the frogs are greenish and the airplanes brown and bluish, but the differences between their mean colours are far smaller than those of real
# images, and often of another sign.

# %% tags=["remove-input"]
for name, descent in descents.items():
    quality = descent_quality[name]
    red, green, blue = channel_means(descent["images"][0], shape).mean(axis=0)
    figure(
        figures.figs_6_3_6_4(descent),
        id=FIGURES.get(name, f"anogen-fig-colour-{name}"),
        caption=f"Class {name}: {steps} plain gradient steps on the sum, latent width {width}, another start for each image; below the same images with their contrast stretched. {SCORE}",
        alt=f"Small images generated for the class {name}, above as they are, below stretched. Their mean colour is {red:.2f} red, {green:.2f} green and "
        f"{blue:.2f} blue; {percent(quality['normal_looking'][0].mean())} of them look normal to our measure.",
        records=[descent],
    )

# %% [markdown]
# Whatever the network rebuilds exactly has a score near zero, and a blurred cloud is what a narrow network rebuilds best. The score falls to {glue}`left` of the median real image's.
#
# The tint of an image is its mean red, green and blue, minus their mean:

# %% tags=["remove-input"]
groups = {}
for name, descent in descents.items():
    groups |= {
        f"{name},\nreal mean": descent["real_mean"][None],
        f"{name},\ndescent": descent["images"][0].astype(float),
        f"{name},\nevolution": evolved[name]["images"].astype(float),
    }
caption = f"The mean red, green and blue of each image, minus their mean: of the mean real image, of images by plain gradient steps on the sum, and of evolved ones; latent width {width}."
alt = "For each class three columns of red, green and blue dots around zero: the real mean, descent, and evolution." + (
    " The dots of generated images are much closer to zero than those of real ones." * is_book
)
picture = figures.fig_tints(groups)
figure(picture, id="anogen-fig-colour-tints", caption=caption, alt=alt, records=[*descents.values(), *evolved.values()])
if len(classes) > 1:
    first, second = classes[:2]

    def difference(key, latent=width, way=...):
        images = (np.atleast_2d(get("descent", name, latent)[key][way]) for name in (second, first))
        minuend, subtrahend = (channel_means(rows, shape).mean(axis=0) for rows in images)
        return ", ".join(f"{round(channel, 3) + 0:+.3f}" for channel in minuend - subtrahend)

    rows = [[name, *(difference("images", w, way) for w in latents)] for way, name in enumerate(figures.WAY_NAMES)]
    rows.append(["real images", *[difference("real_mean")] * len(latents)])
    table([f"red, green, blue: {second} minus {first}", *(f"width {w}" for w in latents)], rows)
relative = [np.median(d["scores"][0, :, 0]) / figures.median_real(d) for d in descents.values()]
glue(left=f"{100 * min(relative):.2g}% to {100 * max(relative):.2g}%")

# %% [markdown] tags=["book-only"]
# In every way to descend the frogs have more green than blue, as in the thesis; that they have more red than blue is within the variation between images. Plain steps on the mean leave the noise that they began with, so they are not
# counted. The thesis concludes in general from two classes and one autoencoder whose layers it does not give (`inc-thesis-11`). The same holds for this page: two classes, two widths, one architecture, one training each.

# %% [markdown]
# ```{verdicts} thesis-c-24 thesis-c-25 thesis-c-26
# ```
#
# ## Fig. 6.6: colour images by evolution
#
# **The thesis:** even less structure than by gradients; the images in the left column have a very slight tint of green or blue, those in the right column are plain noise.

# %% [markdown] tags=["book-only"]
# **Here:** less structure, too: the similarity of neighbouring pixels (Moran's I) is {glue}`evolved_moran`, by plain descent {glue}`descent_moran`. All images are nearly even grey; stretched, the frogs are
# green and yellow and the airplanes coloured noise. Their mean colour is off grey by at most
# {glue}`largest_tint` of the grey scale.

# %% tags=["remove-input"]
real = {name: figures.median_real(descent) for name, descent in descents.items()}
caption = f"Classes {' and '.join(classes)}, latent width {width}: the best images of independent runs of {generations:,} generations of {next(iter(evolved.values())).parameter('population')} images; below each row the same with their contrast stretched. {SCORE}"
alt = f"Rows of small images, generated by evolution.{' All are nearly even grey; stretched, a faint texture of noise.' * is_book}"
id_ = "thesis-fig-6.6" if classes == ["frog", "airplane"] and dataset == "cifar10" else "anogen-fig-evolution-colour"
figure(figures.fig_6_6(evolved, real), id=id_, caption=caption, alt=alt, records=list(evolved.values()))
measured = {
    f"descent,\n{name}": [quality["morans_i"][way] for quality in descent_quality.values()]
    for way, name in enumerate(figures.WAY_NAMES)
} | {"evolution": [quality["morans_i"] for quality in evolved_quality.values()]}
means = {name: np.mean(groups) for name, groups in measured.items()}
figure(
    figures.fig_structure(measured, "Moran's I"),
    id="anogen-fig-colour-structure",
    caption=f"How much neighbouring pixels have in common: 0 for noise. One dot for each image; {classes[0]} left"
    + (f" and {classes[1]} right" if len(classes) > 1 else "")
    + f" at each method; latent width {width}.",
    alt="Columns of dots, one for each method and class. The means are "
    + ", ".join(f"{round(mean, 2) + 0:.2f} ({' '.join(name.split())})" for name, mean in means.items()),
    records=[*descent_quality.values(), *evolved_quality.values()],
)
glue(
    evolved_moran=span([quality["morans_i"].mean() for quality in evolved_quality.values()]),
    descent_moran=span([quality["morans_i"][0].mean() for quality in descent_quality.values()]),
    largest_tint=f"{max(tint(record['images'], shape).max() for record in evolved.values()):.1%}",
)

# %% [markdown]
# Evolution adds noise of its own, and what the score does not punish remains. A network with a bottleneck cannot rebuild noise, so the score does punish it, but less and less as the rest improves.

# %% [markdown] tags=["book-only"]
# Three verdicts had criteria that no image could meet, which have been replaced. Plain steps on the mean leave pure noise, so no search can have less structure: they are shown but not counted. Pure noise is less than twice as far from real
# images as these are from one another, so *plain noise* now means independent neighbouring pixels and grey. An even grey is *nearer* to real images than they are to one another, so the comparison of both methods uses structure instead of
# distance.

# %% [markdown]
# ```{verdicts} thesis-c-28 thesis-c-29 thesis-c-30
# ```
#
# ## Beyond the source
#
# The thesis does not state the rule of the descent. The same starts by each rule:

# %% tags=["remove-input"]
last = classes[-1]
caption = f"Class {last}, latent width {width}, {steps} steps at a learning rate of {WAYS[0].learning_rate:g}: the same starts by each rule and reduction. {SCORE}"
alt = f"Four rows of images, one for each way to descend.{' Plain steps on the mean leave the noise as it was, the others grey clouds.' * is_book}"
picture = figures.fig_ways(descents[last])
figure(picture, id="anogen-fig-colour-ways", caption=caption, alt=alt, records=[descents[last]])

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - The most normal colour images of these autoencoders are clouds: with a score of {glue}`left` of a real image's, they are rebuilt better than any real image.
# - Evolved images have less structure than those by gradient (Moran's I {glue}`evolved_moran` against {glue}`descent_moran`), because mutation adds noise that the score hardly punishes.
# - Their tints are far weaker than the difference between real frogs and airplanes, and one training cannot tell whether they are learned.
