# %% [markdown]
# # Quality of sets of images: coverage and diversity

# %% [markdown] tags=["book-only"]
# ```{glance} sample-quality
# question: How good is the set of images that a detector generates, and not only one of them?
# here: We measure sets of images from nine detectors against as many real images and against noise, and replace the single classifier by an ensemble of four. The thesis judges by eye and names such measures as its first open point.
# finding: No detector's images reach half of the coverage of as many real images; the best, {glue}`best_detector`, reaches {glue}`best_coverage`. What looks like a digit is one digit repeated.
# ```

# %% [markdown]
# One image may look right while all images look the same. A set of generated images therefore lies between two references: as many real images (the best achievable at this number) and uniform noise.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["autoencoder", "deep-svdd", "dean", "copod", "hbos", "iforest", "gmm", "cblof", "ocsvm"]
many = ["cblof", "hbos", "iforest", "deep-svdd"]
generations = 30000
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import percent
from companion.notebook import figure, glue, load_records, markdown, table
from companion.studies.ensemble_training import CALIBRATION
from notebooks.beyond.sample_quality.figures import REJECTED, covering, fig_coverage, table_distances, table_sets
from notebooks.beyond.sample_quality.figures_judging import (
    calibration,
    fig_ensemble,
    fig_judged_images,
    table_agreement,
    table_ensemble,
)
from notebooks.beyond.sample_quality.judging import gather, kappa, missed_bars, search_pairs, stratified
from notebooks.thesis.other_detectors.figures import title

record = load_records(
    "sample-quality", scale, digit=digit, detectors=detectors, many=many, generations=generations, seed=seed
)
sets = {title(d): record[d] for d in detectors if d in record}
large = {title(d): record[f"many-{d}"] for d in many if f"many-{d}" in record}
covered = {name: float(r["found_coverage"][0].mean() / r["real_coverage"][0].mean()) for name, r in sets.items()}
best = max(covered, key=covered.get, default="–")
glue(
    best_detector=best,
    best_coverage=percent(covered.get(best, 0.0)),
    covering=f"{len(covering(sets))} of {len(sets)}",
    covering_untrained=f"{len(covering(sets, 'untrained'))} of {len(sets)}",
    rejected=percent(REJECTED),
)

# %% [markdown]
# ## Measures of a set
#
# Images are compared in the last layer of an independent classifier ({doc}`methods`), its *features*. A set is described by balls around its members that reach to the fifth nearest neighbour in the set {cite:p}`kynkaanniemi2019improved,naeem2020reliable`.
#
# - *Precision*: share of the generated images inside a ball of a real one.
# - *Coverage*: share of the real images with a generated image in their ball. It needs quality and variety at once.
# - *Diversity*: effective number of different images {cite:p}`friedman2023vendi`, relative to that of as many real images.
# - *Far*: share of images that a conformal test rejects at {glue}`rejected`, because their distance to the nearest training image is among the largest of held-out real images.

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`covering` detectors reach half of the coverage of real images in the features of the trained classifier, and {glue}`covering_untrained` in those of an untrained one.

# %% tags=["remove-input"]
if sets:
    covers = [f"{name} {r['found_coverage'][0].mean():.2f}" for name, r in sets.items()]
    caption = f"Coverage of held-out real images of class {digit} by the images found from noise (full) and by the known optima (open), in the classifier's features: mean and range over samples of the real images. Black: as many real images."
    alt = f"Marks on a scale from 0 to 1, a row for each detector. Coverage by the search's images: {', '.join(covers)}; by real images close to 1."
    figure(fig_coverage(sets), id=f"anogen-fig-coverage-{digit}", caption=caption, alt=alt, records=list(sets.values()))
    table(*table_sets(sets))

# %% [markdown]
# A classifier attends to differences between classes and may not see noise that leaves the class unchanged. The column *untrained* has the coverage in the features of the same network before training; where the two differ, report both. Small sets have wide balls, so compare only with real images of the same number (last rows).
#
# ## Larger sets
#
# For detectors on which a search takes seconds, more images were generated. The kernel distance {cite:p}`binkowski2018demystifying` compares their distribution with that of real images; between two sets of real images its interval should include 0.

# %% tags=["remove-input"]
distances = table_distances(large)
if distances:
    table(*distances)
else:
    markdown("There is no set of that size among the records of this page.")

# %% [markdown]
# ## An ensemble instead of one classifier
#
# In the figures and tables of other chapters an image looks normal if *one* network gives its class a probability of at least 0.9, if it is near a training image, and if it is smooth; the verdicts on whether digits look normal take the ensemble of this section. One network rejects blurred digits that others recognise, and is certain that uniform noise is an 8. We therefore trained an ensemble: a convolutional network,
# a k-nearest-neighbour classifier, support vector machines and a multilayer perceptron, calibrated by temperature {cite:p}`guo2017calibration`. All are also trained on degraded digits and on an eleventh class, *none*, of noise, shapes, mixed and shuffled digits and clothes.
#
# - An image is *noise-like* if its share of variance at spatial frequencies above 0.4 cycles per pixel is larger than in 99.9% of real digits.
# - An image *looks normal* if the ensemble's class is the intended digit with a probability of at least 0.5, and the image is not noise-like.
#
# The bars of the validation were fixed before it was computed. Its images have a known class. Images without a digit should not look normal as any digit.

# %% [markdown] tags=["book-only"]
# **Here:** The ensemble is calibrated (expected error {glue}`calibration`, bar {glue}`calibration_bar`) and misses the bars of {glue}`missed`: overlays and joined halves of two digits. Many of these read as one of their two digits, also to the eye, so the bars were too strict; they stay as fixed.

# %% tags=["remove-input"]
errors, missed = {}, []
if "validation" in record:
    validation = record["validation"]
    table(*table_ensemble(validation))
    errors, missed = calibration(validation), missed_bars(validation)
    caption = "(a) Decisions of the ensemble on validation images, as shares of each true class. (b) Share of right decisions by probability, over all kinds of images; on the diagonal the ensemble is calibrated."
    alt = f"A confusion matrix of eleven classes, dark on the diagonal, and a calibration curve close to the diagonal with an expected error of {errors['all kinds']:.3f}."
    figure(fig_ensemble(validation), id="anogen-fig-ensemble", caption=caption, alt=alt, records=[validation])
glue(
    calibration=f"{errors.get('all kinds', 0):.3f}",
    calibration_bar=CALIBRATION,
    missed=" and ".join(missed) or "none",
)

# %% [markdown]
# ## Both judges on the generated digits
#
# The table compares the shares of generated images that look normal to the single network and to the ensemble. *Kappa* is their agreement beyond chance; it is low where nearly all images are alike.

# %% [markdown] tags=["book-only"]
# **Here:** Of {glue}`judged` generated images, {glue}`normal_to_one` look normal to the single network and {glue}`normal_to_ensemble` to the ensemble (kappa {glue}`agreement`). Neither judge is a person; the figure prints both judgements so that you can disagree.

# %% tags=["remove-input"]
pairs = list(search_pairs(record, scale))
shares, judged = {"old_normal_looking": 0.0, "normal_looking": 0.0}, 0
agreement = float("nan")
if pairs:
    table(*table_agreement(pairs))
    judgements = gather(pairs)
    shown, judged = stratified(judgements), len(judgements.images)
    shares = {key: judgements.values[key].mean() for key in shares}
    agreement = kappa(*(judgements.values[key] for key in shares))
    caption = "Generated images, a random sample in three strata of the single network's measures. Below each: the intended digit and the single network's probability, then the ensemble's; ✓ where it looks normal to that judge, – where not; red where they disagree."
    alt = f"{len(shown)} generated images, each with two judgements; of all images {percent(shares['old_normal_looking'])} look normal to the single network and {percent(shares['normal_looking'])} to the ensemble."
    figure(
        fig_judged_images(judgements, shown),
        id="anogen-fig-judged-images",
        caption=caption,
        alt=alt,
        records=[judgement for _, judgement in pairs][:1],
    )
glue(
    judged=f"{judged:,}",
    normal_to_one=percent(shares["old_normal_looking"]),
    normal_to_ensemble=percent(shares["normal_looking"]),
    agreement=f"{agreement:.2f}",
)

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Judge sets, not single images: {glue}`best_detector`'s images look like digits and cover {glue}`best_coverage` of what real images cover.
# - A single classifier is a weak judge of generated images; an ensemble with a class *none* accepts blurred digits and rejects noise.
