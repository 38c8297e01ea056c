# %% [markdown]
# # Quality of sets of images: coverage and diversity
#
# *Sets of images beside sets of real ones*
#
# The thesis {cite:p}`ernst2025evaluating` judges images by eye, and names measures of their quality as its first open point. One image may look right while all of them look the same, so
# here the images of a detector, one a start, are measured *as a set*, beside as many real images (the ceiling: better is not to be had with that number) and beside uniform noise (the floor).

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["autoencoder", "deep-svdd", "dean", "copod", "hbos", "iforest", "gmm", "cblof", "ocsvm"]
many = ["cblof", "hbos", "iforest", "deep-svdd"]
generations = 30000
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import percent
from companion.notebook import figure, has_book_parameters, load_records, markdown, table
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
is_book = has_book_parameters("sample-quality", globals())
sets = {title(d): record[d] for d in detectors if d in record}
large = {title(d): record[f"many-{d}"] for d in many if f"many-{d}" in record}

# %% [markdown]
# ## What is measured
#
# - Images become vectors: what the last layer of an independent classifier sees ({doc}`methods`). A set is described by balls around its members, each reaching to its fifth nearest neighbour in the
#   set, or to its last in a smaller one {cite:p}`kynkaanniemi2019improved,naeem2020reliable`. *Precision* is the share of the drawn images inside a real one's ball, *recall* the share of the real ones inside a drawn
#   one's. *Density* counts in how many real balls a drawn image lies. *Coverage* is the share of real images that have a drawn one in their ball: it asks for quality and variety at once.
# - *Diversity* is the effective number of different images {cite:p}`friedman2023vendi`, in units of that of as many real ones.
# - A classifier may be sure of its class without ever having seen such an image. So *far* is the share of images that a conformal test rejects: their distance to the nearest training image is among
#   the largest that held-out real images have, in pixels or in the same features.
#
# Libraries of such measures fail on the very sets that searches give, copies of one image; ours are compared with them where they do not.

# %% tags=["remove-input"]
if sets:
    covers = [
        f"{name} {r['found_coverage'][0].mean():.2f} (real images {r['real_coverage'][0].mean():.2f})"
        for name, r in sets.items()
    ]
    caption = f"Coverage of held-out real images of class {digit} by what was drawn from noise (blue, full) and by the known optima (red, open), in the classifier's features: mean and range over draws of the real images. Behind each, in grey, what as many real images cover."
    alt = f"Marks on a scale from 0 to 1, a row for each detector: {', '.join(covers)}"
    figure(fig_coverage(sets), id=f"anogen-fig-coverage-{digit}", caption=caption, alt=alt, records=list(sets.values()))
    table(*table_sets(sets))
    covered = covering(sets)
    markdown(
        f"*Far* are images with a p-value below {percent(REJECTED)}. Few images have wide balls, so a set is to be compared with real images of *its own* number, in the last rows; of real images, too, {percent(REJECTED)} should be rejected. "
        + (
            f"Half of the ceiling's coverage is reached by {', '.join(covered)}."
            if covered
            else "**No detector's images reach half of the coverage that as many real images have.**"
            + " What looks like a digit is one digit, again and again." * is_book
        )
    )

# %% [markdown]
# ## Is this the classifier's taste?
#
# A classifier attends to what tells classes apart, and may not see noise that leaves its class as it is. The same measures in the features of the *same network before any training*, which has no preferences:

# %% tags=["remove-input"]
if sets:
    table(*table_sets(sets, "untrained"))
    both = [name for name in covering(sets, "untrained") if name in covering(sets)]
    text = f"Half of the ceiling in both: {', '.join(both) or 'none'}. Where the two judges disagree, neither number should be quoted alone. (The columns *far* are those of the table above.)"
    markdown(text)

# %% [markdown]
# ## Larger sets
#
# A distance between distributions needs more images than one looks at. For detectors on which a search takes seconds, more starts were drawn, and the kernel distance {cite:p}`binkowski2018demystifying` is
# given with its bootstrap interval; that of real images should include 0.

# %% tags=["remove-input"]
distances = table_distances(large)
if distances:
    table(*distances)
else:
    markdown("There is no set of that size among the records of this page.")

# %% [markdown]
# ## An ensemble in place of one network
#
# Elsewhere in this book an image looks normal if *one* network gives its class a probability of at least 0.9, if it is near a training image, and if it is smooth. One network's opinion is a weak criterion:
# it rejects blurred digits that other classifiers recognise, and it is certain that uniform noise is an 8. An ensemble of four classifiers is a better judge: a convolutional network, a k-nearest-neighbour
# classifier, support vector machines with an RBF kernel, and a multilayer perceptron, the last three on 40 principal components and the distance from their subspace.
#
# - All four are trained on degraded digits, too (blurred, with specks, averaged, faint), and on an eleventh class, *none*, of noise, shapes, digits of two classes mixed, shuffled digits, and clothes.
# - A temperature, fitted to held-out images, calibrates each, and another one their mean {cite:p}`guo2017calibration`.
# - An image is **noise-like** if the share of its variance at spatial frequencies above 0.4 cycles per pixel is larger than in 99.9% of real digits. (Moran's I calls a disc of noise on black smooth.)
# - An image **looks normal** if the ensemble's class is the intended digit, its probability at least 0.5, and the image is not noise-like. It is **recognisable** if at least three of the four classifiers choose the intended digit.
#
# The bars in the table were fixed before the validation was computed. Its images have a class that is known by construction. Digits count as accepted if they look normal as their own class, and images without a digit
# if they look normal as *any* digit. Discs of noise, Omniglot and notMNIST are not among the training images.
# In the last three columns an image without a digit is judged as one random digit.

# %% tags=["remove-input"]
if "validation" in record:
    validation = record["validation"]
    table(*table_ensemble(validation))
    errors = calibration(validation)
    missed = missed_bars(validation)
    agreement = kappa((validation["p_cls"] >= 0.9).ravel(), validation["normal_looking"].ravel())
    caption = "Left: decisions of the ensemble on the validation images of known class, as shares of each true class. Right: the share of right decisions for each probability, over all kinds of images; on the diagonal the ensemble is calibrated."
    alt = f"A confusion matrix of eleven classes, and a calibration curve with an expected error of {errors['all kinds']:.3f}"
    figure(fig_ensemble(validation), id="anogen-fig-ensemble", caption=caption, alt=alt, records=[validation])
    markdown(
        f"Bars that are missed: {', '.join(missed) or 'none'}. The expected calibration error is {errors['digits']:.3f} on undegraded digits and {errors['all kinds']:.3f} over all kinds (bar: {CALIBRATION}). Cohen's kappa with the single network's p ≥ 0.9 is {agreement:.2f}."
    )

# %% [markdown] tags=["book-only"]
# The two bars that are missed are those of overlays and of joined halves of two digits. Many of these images read as one of their two digits to the eye, too: their class is not what the construction says. The bars were
# too strict, and they stay as they were fixed.

# %% [markdown]
# ## Both judges on the generated digits
#
# The ensemble has judged the images of this book's searches for digits. The table compares the shares of images that look normal to the single network (with the measures in pixels) and to the ensemble; *kappa* is their agreement beyond chance, which is low where nearly all images are alike.

# %% tags=["remove-input"]
pairs = list(search_pairs(record, scale))
if pairs:
    table(*table_agreement(pairs))
    judgements = gather(pairs)
    shown = stratified(judgements)
    caption = "Generated images, a random sample in three strata of the single network's measures (normal looking; not, but smooth; neither). Under each: the intended digit and the single network's probability, then the ensemble's probability; ✓ where the image looks normal to the judge, – where not; red where they disagree."
    alt = f"{len(shown)} generated images, each with two judgements"
    figure(
        fig_judged_images(judgements, shown),
        id="anogen-fig-judged-images",
        caption=caption,
        alt=alt,
        records=[judgement for _, judgement in pairs][:1],
    )

# %% [markdown]
# Neither judge is a person. The figure prints both judgements so that a reader can disagree with them.
