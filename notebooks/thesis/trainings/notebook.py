# %% [markdown]
# # Does retraining change the picture?

# %% [markdown] tags=["book-only"]
# ```{glance} trainings
# question: Would a detector that is trained with another seed generate another image?
# here: We train five detectors whose training is random {glue}`trainings` times each, with other seeds, and search each one from other noise. The thesis re-trains CBLOF and OCSVM; as far as its text says, its other images show one training.
# finding: The seed decides whether the autoencoder generates a digit from noise: {glue}`digits_of_autoencoder` trainings do, at ROC AUCs of {glue}`auc_of_autoencoder`. No other detector changes its group.
# ```

# %% [markdown]
# The thesis {cite:p}`ernst2025evaluating` sorts detectors into three groups by the images that they generate ({doc}`other-detectors`). If a group depends on the seed of the {term}`training`, one picture per detector cannot show it.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
digits = [3]
classes = ["frog", "airplane"]
detectors = ["autoencoder", "deep-svdd-untrained", "deep-svdd", "iforest", "cblof"]
generations = 30000
trainings = 5
starts = 4
pairs = 2
stops = [1000, 15000, 30000, 100000, 250000]
seed = 0
dataset = ""  # mnist; fashion_mnist or a path to an .npz of your own
population = 150
selection = "linear"  # or tournament, truncation

# %% tags=["remove-input"]
from companion.notebook import figure, glue, load_records, table
from notebooks.thesis.other_detectors.figures import title
from notebooks.thesis.trainings import figures

record = load_records(
    "trainings", scale, digit=digit, digits=digits, classes=classes, detectors=detectors, generations=generations,
    trainings=trainings, starts=starts, pairs=pairs, stops=stops, seed=seed, dataset=dataset, population=population,
    selection=selection,
)  # fmt: skip
is_theirs = digit == 4 and not dataset


def complete(name, *kinds):
    return all(f"{name}-{t}{kind}" in record for t in range(trainings) for kind in kinds)


def by_training(name, kind=""):
    return [record[f"{name}-{t}{kind}"] for t in range(trainings)]


shown = [d for d in dict.fromkeys(detectors) if complete(d, "", "-quality", "-detection")]
search, quality, detection = (
    {title(d): by_training(d, kind) for d in shown} for kind in ("", "-quality", "-detection")
)
autoencoder, cblof = title("autoencoder"), title("cblof")
of_training, between = figures.groups(quality), figures.distance_ratios(search)
auc = figures.aucs(detection)
glue(
    trainings=trainings,
    digits_of_autoencoder=f"{of_training.get(autoencoder, []).count(1)} of {trainings}",
    auc_of_autoencoder=f"{min(auc[autoencoder]):.3f} to {max(auc[autoencoder]):.3f}" if autoencoder in auc else "–",
    ratio_of_autoencoder=f"{between.get(autoencoder, 0):.0f}",
    ratio_of_cblof=f"{between.get(cblof, 0):.0f}",
    starts=starts,
    pairs=pairs,
)

# %% [markdown]
# ## Images from noise, by training

# %% [markdown] tags=["book-only"]
# **Here:** Autoencoder and CBLOF have one image per training, whatever the start: images of two trainings are {glue}`ratio_of_autoencoder` and {glue}`ratio_of_cblof` times as far apart as images of two starts. On the other three detectors every image is noise, in every training.

# %% tags=["remove-input"]
if shown:
    figure(
        figures.fig_trainings(search),
        id=f"anogen-fig-trainings-{digit}",
        caption=f"Class {digit}: an image evolved from noise on each of {trainings} trainings (columns). Above it, the share of held-out real images with a lower score."
        + " The first column is the training shown in the thesis's Fig. 6.17." * is_theirs,
        alt=f"A grid of small grey images, one row each for {', '.join(search)}, one column for each of {trainings} trainings; "
        f"{', '.join(f'{name}: {groups.count(1)} of {trainings} trainings give normal-looking images' for name, groups in of_training.items())}.",
        records=[r for row in search.values() for r in row],
    )
    table(*figures.table_distances(search, quality))

# %% [markdown]
# The table has mean Euclidean distances between images, in units of the mean distance of two real images. A ratio near 1 means that training has no visible effect: images of one training differ as much as images of two.

# %% [markdown]
# ## The thesis's groups, by training
#
# A detector is in group 1 if its images from noise look {term}`normal <normal-looking>`, in group 2 if they do once 50 to 85% of the pixels are fixed, and in group 3 if they do not. The rule was fixed before any result was known, and is applied to each training. The table takes the measure of a single classifier, the verdict on the groups the four of {doc}`sample-quality`.

# %% [markdown] tags=["book-only"]
# **Here:** The autoencoder is in group 1 in {glue}`digits_of_autoencoder` trainings and in group 2 in the others, while its ROC AUC hardly moves ({glue}`auc_of_autoencoder`). The other detectors stay in their groups.

# %% tags=["remove-input"]
if shown:
    table(*figures.table_groups(quality, detection, compared=is_theirs))
    table(*figures.table_measures(quality))

# %% [markdown]
# The second table has the range over trainings. *Error at 90%* is the error on the free pixels when 90% are fixed, where random pixels have 1. The first training has more starts and images than the later ones
# ({glue}`starts` starts and {glue}`pairs` pairs of real image and mask), so part of a range is due to small numbers.

# %% [markdown]
# ## Deep SVDD on other classes
#
# The same for Deep SVDD on another digit and on colour images ({doc}`deep-svdd`).

# %% [markdown] tags=["book-only"]
# **Here:** All images are noise, in every training of both variants. In colour even pure noise is near real images, so no image counts as noise-like there.

# %% tags=["remove-input"]
elsewhere = {
    f"{title(d)}\n{c}": f"{d}-{c}" for c in [*digits, *classes] for d in shown if complete(f"{d}-{c}", "", "-quality")
}
others, others_quality = (
    {name: by_training(role, kind) for name, role in elsewhere.items()} for kind in ("", "-quality")
)
for kind, labels in (("digits", digits), ("colour", classes)):
    rows = {name: r for name, r in others.items() if name.partition("\n")[2] in map(str, labels)}
    if rows:
        smooth = max(float(q["morans_i"].max()) for name in rows for q in others_quality[name])
        figure(
            figures.fig_trainings(rows),
            id=f"anogen-fig-trainings-{kind}-{digit}",
            caption=f"Class {', '.join(map(str, labels))}: an image evolved from noise on each of {trainings} trainings (columns) of Deep SVDD. Above it, the share of held-out real images with a lower score.",
            alt=f"A grid of small images, a row for each variant of Deep SVDD and class, a column for each training. Neighbouring pixels hardly agree in any: Moran's I is at most {smooth:.2f}.",
            records=[r for row in rows.values() for r in row],
        )
if others:
    table(*figures.table_classes(others_quality, others))

# %% [markdown]
# Ranges over trainings. Moran's I measures the agreement of neighbouring pixels, 0 for noise. The distance to the nearest real image is in units of what real images have among themselves. The last column compares differences between neighbours in the centre and at the edge.

# %% [markdown]
# ## Deep SVDD from half-normal populations
#
# If half of the first population is real, Deep SVDD's images begin as a digit and end in noise (thesis Fig. 6.12, {doc}`deep-svdd`). Here each training starts from other real images.

# %% [markdown] tags=["book-only"]
# **Here:** Every training of the trained network ends in noise, with a score far above that of real images. The untrained network ends at a score of 0 in every training.

# %% tags=["remove-input"]
halves = [d for d in shown if complete(f"{d}-half", "", "-quality")]
if halves:
    half, half_quality = ({title(d): by_training(f"{d}-half", kind) for d in halves} for kind in ("", "-quality"))
    figure(
        figures.fig_normal_seeded(half),
        id=f"anogen-fig-trainings-half-{digit}",
        caption=f"Class {digit}: the best image of a population that began with half real images, on each of {trainings} trainings (columns). Rows are numbers of generations; above each image its score relative to the median held-out real image.",
        alt="A grid of grey images, a column for each training. In the first row of each variant of Deep SVDD the best image is still close to the real images; further down, after more generations, more of it is noise.",
        records=[r for row in half.values() for r in row],
    )
    table(*figures.table_normal_seeded(half, half_quality))

# %% [markdown]
# The scores are means over populations, relative to the median real image. The first training has several populations, each later one has one.

# %% [markdown]
# ## What follows for the verdicts
#
# Statements on these detectors are judged for five trainings ({doc}`../verdicts`); if the trainings disagree, the verdict is *inconclusive*. The training of COPOD, HBOS, OCSVM and a mixture of one Gaussian is not random. DEAN takes too long to train five times; the verdicts on it say what that would cost.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - One image per detector is one training: the autoencoder generates a digit in {glue}`digits_of_autoencoder` trainings.
# - The ROC AUC does not tell these trainings apart ({glue}`auc_of_autoencoder`).
# - Where images are noise, as for Deep SVDD and isolation forest, re-training changes nothing that can be seen.
