# %% [markdown]
# # Mode, typical set, data
#
# *Does sampling repair what minimising breaks?*

# %% [markdown] tags=["book-only"]
# ```{glance} typical-set
# question: The image of the lowest score is a detector's mode, which is not typical. Are samples that score as real images do more like real images?
# here: For {glue}`detectors` detectors of threes and fours: an image found by a short search, the image of the lowest score, {glue}`count` samples of the density that the score defines, exact draws where they exist, and real images. An ensemble of classifiers judges all of them.
# finding: {glue}`below` of {glue}`known` known modes score below every real image. Most are legible, but each is one blurred image. Where chains arrive, samples score as real images do, and show a mean under noise, or noise. Exact draws of one Gaussian, which need no chain, are varied and mostly accepted ({glue}`exact`).
# ```

# %% [markdown]
# {doc}`theory` shows why the minimum of a score lies far from the data in many dimensions. A statistician draws samples instead. A score $s$ defines a density $p(x) \propto e^{-s(x)/T}$ of images. There is one temperature $T$ at which samples score, on average, as held-out real images do. If the score describes the data, such samples look like data.

# %% tags=["parameters"]
scale = "laptop"
digits = [3, 4]
detectors = ["gmm", "kde", "pca", "ocsvm", "hbos", "cblof", "iforest", "deep-svdd", "autoencoder"]
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import join_names, percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.typical_set.figures import arrived, below_all, fig_typical_set, mean, names, table_typical_set

records = load_records("typical-set", scale, digits=digits, detectors=detectors, seed=seed)
if records:
    first = next(iter(records.values()))
    known = [str(kind) != "found" for kind in first["kinds"]]
    there = [name in arrived(records) for name in names(first)]
    statuses = [record["statuses"] for record in records.values()]
    lost = ["no temperature" in one for one in zip(*statuses, strict=True)]
    accepted, recognised = mean(records, "accepted", "typical"), mean(records, "recognised", "typical")
    gauss = names(first).index("gmm") if "gmm" in names(first) else 0
    glue(
        detectors=len(names(first)),
        count=int(first["count"]),
        below=len(below_all(records)),
        known=sum(known),
        modes=int((mean(records, "accepted", "mode")[known] == 1).sum()),
        mode_coverage=f"{mean(records, 'coverage', 'mode').max():.2f}",
        found=percent(mean(records, "accepted", "found").max()),
        real_coverage=f"{mean(records, 'coverage', 'real')[0]:.2f}",
        arrived=join_names([title(name) for name in arrived(records)]),
        accepted=percent(accepted[there].max()) if any(there) else "–",
        recognised=percent(recognised[there].max()) if any(there) else "–",
        unsolved=join_names([title(name) for name, one in zip(names(first), lost, strict=True) if one]),
        mixed=sum(int((one == "mixed").sum()) for one in statuses),
        sets=sum(int((one != "no temperature").sum()) for one in statuses),
        exact=percent(mean(records, "accepted", "exact")[gauss]),
        exact_coverage=f"{mean(records, 'coverage', 'exact')[gauss]:.2f}",
    )

# %% [markdown]
# ## One image of each kind
#
# The search is the {term}`evolution` of the other chapters, with a population of 50 and 1,000 generations only. The lowest score is the known {term}`optimum` among images with pixels in $[0, 1]$ ({doc}`certificates`); it is not known for the isolation forest and the autoencoder. Samples are drawn by `anogen.generate(scorer, method="sample", held_out=X)`: four chains that start at noise. One Gaussian and KDE are densities themselves, so exact draws of them need no chain ($T = 1$). KDE and the one-class SVM are fitted to 1,000 images, because their scores sum over the training images.

# %% tags=["remove-input"]
for role, record in list(records.items())[-1:]:
    digit = role.removeprefix("digit-")
    caption = f"One image of each kind for {len(names(record))} detectors of the digit {digit}. Below each: its score minus the median of held-out real images, in their interquartile ranges. Exact draws are clipped to the range of pixels."
    alt = f"A row for each of {join_names([title(name) for name in names(record)])}, with up to five small grey images: found, lowest score, typical sample, exact draw, real image. The numbers below the lowest scores are negative."
    figure(fig_typical_set(record), id="anogen-fig-typical-set", caption=caption, alt=alt, records=[record])

# %% [markdown]
# ## What the judge says
#
# The judge is the ensemble of classifiers of {doc}`sample-quality`. It *accepts* an image if it decides for the digit and the image is not rougher than real ones; it *recognises* an image, rough or not, if at least three of its four members see the digit.

# %% tags=["remove-input"]
if records:
    table(*table_typical_set(records))

# %% [markdown]
# Columns 2 to 6: the share of accepted images, the share of recognised images; the coverage of held-out images, which is next to zero for copies of one image. Means over the digits. *Chains*, for each digit: whether they agree, R-hat, and the distance of the samples' mean score from the score that the temperature was solved for, in interquartile ranges. Samples of chains that end far from it say nothing about the detector.

# %% [markdown] tags=["book-only"]
# - *Minimising.* {glue}`modes` of {glue}`known` known modes are accepted: a blurred mean is a legible digit. Short searches reach none of them ({glue}`found` of the found images are accepted). What minimising breaks is the variety: a mode covers at most {glue}`mode_coverage` of the real images, and other real images {glue}`real_coverage`.
# - *Sampling.* The chains of {glue}`arrived` arrive at the score of real images. At most {glue}`recognised` of a detector's samples are recognised, and at most {glue}`accepted` accepted. These scores depend on a distance from a centre or from training images. A distance does not say in which direction a sample deviates, and most of the directions in the space of images are noise.
# - *Exact draws.* One Gaussian knows the directions. {glue}`exact` of its exact draws are accepted, and they cover {glue}`exact_coverage`. Chains do not find them: the standard deviations of its directions differ by orders of magnitude, and a step that fits the narrowest is too short for the widest.
# - *Chains.* R-hat calls {glue}`mixed` of {glue}`sets` sets of chains mixed. For {glue}`unsolved`, no temperature was found on one of the digits or both: one exists, but in the steps that the solver makes, walks from held-out images do not settle.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Sampling repairs variety only if the detector's density has the directions of the data, as one Gaussian's has.
# - A sample that scores as real images do and looks like noise is a finding about the score: it cannot tell the two apart.
# - In 784 dimensions, look at R-hat and at the mean score before looking at a sample.
#
# ```{verdicts} anogen-c-01 anogen-c-02 anogen-c-03 anogen-c-04
# ```
