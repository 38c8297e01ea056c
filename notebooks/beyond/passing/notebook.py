# %% [markdown]
# # Density models that draw digits

# %% [markdown] tags=["book-only"]
# ```{glance} passing
# question: Can any detector pass the test, or is it too hard?
# here: Three density models of each digit, and the local minima of their score from {glue}`starts` starts. A model passes if at least {glue}`min_rate` of the minima are recognised as the digit and they cover at least half of what as many real images cover.
# finding: Yes. {glue}`best_model` passes on {glue}`best_digits` digits, by remembering training images: {glue}`copies` of its minima are copies.
# ```

# %% [markdown]
# Most detectors of this book lead to images unlike a digit, or to one digit repeatedly. The test of generating images would be worth little if nothing could pass it. Both thresholds were fixed before anything was computed. The settings were chosen on one digit, so the others count.

# %% tags=["parameters"]
scale = "laptop"
digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
count = 400
components = 400
generations = 1500
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.figures.style import short
from companion.figures.tables import percent
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.passing import figures
from notebooks.beyond.passing.experiments import CHOSEN_ON, MIN_RATE, MODELS, STARTS
from notebooks.beyond.passing.figures import TITLES, copied, count_passed, gaps
from notebooks.beyond.passing.figures_prior import fig_prior, table_prior
from notebooks.beyond.passing.parametrised import PARAMETRISATIONS

options = {"digits": digits, "count": count, "components": components, "generations": generations}
records = load_records("passing", scale, seed=seed, **options)
modes = {digit: records[f"modes-{digit}"] for digit in digits if f"modes-{digit}" in records}
first = modes.get(CHOSEN_ON, next(iter(modes.values())))
shown = next(digit for digit, record in modes.items() if record is first)
others = {digit: record for digit, record in modes.items() if digit != CHOSEN_ON} or modes
passed = {pair: count_passed(others, *pair) for pair in np.ndindex(len(MODELS), len(STARTS))}
best = max(passed, key=passed.get)
above = gaps(modes)
glue(
    starts=first["scores"].shape[-1],
    min_rate=percent(MIN_RATE),
    best_model=f"{TITLES[MODELS[best[0]]]} from starts {STARTS[best[1]] if best[1] else 'of noise'}",
    best_digits=f"{passed[best]} of {len(others)}",
    copies=percent(copied(modes, best[0])),
    mixture_digits=f"{passed[MODELS.index('mixture'), 1]} of {len(others)}",
    mixture_copies=percent(copied(modes, MODELS.index("mixture"))),
    recognised=f"{sum(float(r['evolved_p_cls']) >= 0.9 for r in modes.values())} of {len(modes)}",
    lowest_gap=short(min(above)),
    highest_gap=short(max(above)),
    generations=f"{generations:,}",
)

# %% [markdown]
# ## Three density models
#
# All three have the negative log density as their score.
#
# - *KDE* {cite:p}`parzen1962on`: a kernel of PyOD's default width 1 on every training image.
# - *KDE (likelihood)*: the width under which held-out training images are most likely.
# - *Mixture*: normal distributions with one covariance, fitted by expectation maximisation. 0.01 is added to its diagonal, so the score does not rest on pixels that never change. Mixtures with many components are known to generate sharp and varied images {cite:p}`richardson2018gans`.
#
# A local minimum is found without a step size: move to the mean of the kernels (or components), weighted by their responsibility for the present image, and repeat. No such step raises the score. The starts are uniform *noise*, as in all chapters, or the mean of the training images plus normal noise of standard deviation 1 (*about the mean*).

# %% tags=["remove-input"]
for start, name in enumerate(STARTS):
    recognised = percent((first["predicted"][:, start] == shown).mean())
    caption = f"Local minima of the scores of three density models of the digit {shown}: the first of {first['scores'].shape[-1]} starts ({name})."
    alt = f"Three rows of grey images, one per model. The classifier recognises {recognised} of all minima as the digit {shown}."
    picture = figures.fig_modes(first, start)
    figure(picture, id=f"anogen-fig-modes-{start + 1}", caption=caption, alt=alt, records=[first])

# %% [markdown]
# ## Which models pass?

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`best_model` passes on {glue}`best_digits` digits on which nothing was chosen. From noise the minima repeat each other; from starts about the mean they cover more of the real images.

# %% tags=["remove-input"]
caption = f"Share of images recognised as the digit, and their coverage of held-out real images in the classifier's features (real images: 1); one mark per digit, {len(modes)} digits. Sets to the right of and above the dotted lines pass."
alt = f"Scatter plot of coverage against the share of recognised images, a colour for each model. The best model is above both thresholds on {passed[best]} of {len(others)} digits."
figure(figures.fig_passing(modes), id="anogen-fig-passing", caption=caption, alt=alt, records=list(modes.values()))
table(*figures.table_passing(others))

# %% [markdown]
# Means over the digits on which nothing was chosen. Coverage is relative to that of real images; the last column uses the classifier's features.

# %% [markdown]
# ## Do the models remember or generalise?
#
# A list of the training images would pass as well. We therefore measure the distance to the nearest training image, relative to that of real images that were held out: 0 is a copy, 1 is as far as a new real image.

# %% [markdown] tags=["book-only"]
# **Here:** KDE passes by memory: of the best model's minima, {glue}`copies` are copies. The mixture's components are means of a few images each: it does not copy ({glue}`mixture_copies`), but it stays closer to the training images than new images are. It passes on {glue}`mixture_digits` digits.

# %% tags=["remove-input"]
caption = "Median distance of the local minima (starts about the mean) to the nearest training image, relative to that of held-out real images: 0 is a copy, 1 (dotted) as far as real images."
alt = f"For each digit a mark for each model. {', '.join(f'{TITLES[name]}: {percent(copied(modes, i))} copies' for i, name in enumerate(MODELS))}."
picture = figures.fig_remembered(modes)
figure(picture, id="anogen-fig-remembered", caption=caption, alt=alt, records=list(modes.values()))
table(*figures.table_remembered(modes))

# %% [markdown]
# ## The evolutionary search on the mixture
#
# The minima above were found by steps that need a mixture. The {term}`evolution` of the other chapters needs only scores.

# %% [markdown] tags=["book-only"]
# **Here:** After {glue}`generations` generations, {glue}`recognised` images are recognised with a probability of at least 0.9. The search stops far from the minima, by {glue}`lowest_gap` to {glue}`highest_gap` interquartile ranges of real images' scores.

# %% tags=["remove-input"]
caption = f"One image per digit, evolved from noise on the mixture's score for {generations:,} generations. Above it, its score minus the lowest at any of the mixture's means, in interquartile ranges of real images' scores."
alt = "A row of grey images, one for each digit, with a number above each; the larger it is, the farther from its goal the search stopped."
picture = figures.fig_evolved(modes)
figure(picture, id="anogen-fig-mixture-evolved", caption=caption, alt=alt, records=list(modes.values()))

# %% [markdown]
# ## Other coordinates for the same detector
#
# One can also help the search instead of the detector. Feature visualisation changes the coordinates of the image {cite:p}`olah2017feature` or adds its total variation to the loss {cite:p}`mahendran2015understanding`. Both are tried on the autoencoder: pixels, clipped or behind a sigmoid; a blurred image; Fourier coefficients scaled by 1/frequency.

# %% [markdown] tags=["book-only"]
# **Here:** The coordinates decide the picture: *{glue}`best_coordinates`* leads to {glue}`best_share` normal-looking images, plain pixels to {glue}`pixel_share`, *{glue}`worst_coordinates`* to {glue}`worst_share`. Such coordinates add knowledge about images that the detector does not have, so a good picture then says less about the detector.

# %% tags=["remove-input"]
smooth = worst = 0
shares = np.zeros(len(PARAMETRISATIONS))
if "parametrised-quality" in records:
    descents, quality = records["parametrised"], records["parametrised-quality"]
    shares = quality["normal_looking"].mean(axis=1)
    smooth, worst = int(shares.argmax()), int(shares.argmin())
    caption = "Images found from the same noise by gradient descent (Adam) on the autoencoder's score, in other coordinates or with total variation (and its weight) in the loss. Above: the score alone."
    alt = f"Rows of grey images, one row for each way to write the image; between {percent(shares.min())} and {percent(shares.max())} of a row look normal."
    figure(figures.fig_coordinates(descents), id="anogen-fig-coordinates", caption=caption, alt=alt, records=[descents])
    table(*figures.table_coordinates(descents, quality))
glue(
    best_coordinates=figures.coordinates_name(smooth),
    worst_coordinates=figures.coordinates_name(worst),
    best_share=percent(shares[smooth]),
    worst_share=percent(shares[worst]),
    pixel_share=percent(shares[0]),
)

# %% [markdown]
# ## How much of the picture comes from the prior?
#
# Coordinates and total variation are a *prior*: an opinion on images that is not the detector's. To measure its part, the same descent from the same noise is made on the detector, on an untrained one (an autoencoder with its initial weights; KDE fitted to noise) and on a constant score. *Smooth* adds the total variation to the loss, each in interquartile ranges of held-out images. The part that two pictures share is the squared correlation of their pixels.

# %% [markdown] tags=["book-only"]
# **Here:** With Fourier coordinates and total variation, the autoencoder's pictures share {glue}`prior_shared` with those of the untrained network, and {glue}`prior_training` with those of another training. {glue}`prior_normal` look normal, {glue}`pixels_normal` of those from plain pixels. KDE, without a network, has {glue}`kde_normal` and {glue}`kde_pixels`.

# %% tags=["remove-input"]
told = dict.fromkeys(
    ("prior_shared", "prior_training", "prior_normal", "pixels_normal", "kde_normal", "kde_pixels"), "–"
)
if "prior" in records:
    prior = records["prior"]
    digit = CHOSEN_ON if CHOSEN_ON in prior.parameter("digits") else prior.parameter("digits")[0]
    caption = f"Images of the digit {digit} found from one noise image by descents with four priors: on trained detectors, on untrained ones, and on a constant score."
    alt = "A grid of grey images, four priors in columns. Rows: each detector trained and untrained, and a constant score at the bottom."
    figure(fig_prior(prior, digit), id="anogen-fig-prior", caption=caption, alt=alt, records=[prior])
    table(*table_prior(prior))
    names, normal = list(prior.parameter("detectors")), prior["normal"][:, :, :, 0].mean(axis=(1, 2, 4))
    network, kde = (names.index(name) if name in names else 0 for name in ("autoencoder", "kde"))
    told |= {
        "prior_shared": percent(prior["shared"][network, ..., -1].mean()),
        "prior_training": percent(prior["trainings"][network, ..., -1].mean()),
        "prior_normal": percent(normal[network, -1]),
        "pixels_normal": percent(normal[network, 0]),
        "kde_normal": percent(normal[kde, -1]),
        "kde_pixels": percent(normal[kde, 0]),
    }
glue(**told)

# %% [markdown]
# Means over three digits, five trainings and four starts. *Normal*: share of images that look normal to the ensemble of {doc}`sample-quality`. *Shared*: with the picture of the untrained detector, of a constant score, and of another training.
#
# ```{verdicts} anogen-c-23 anogen-c-24
# ```

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - The test can be passed: {glue}`best_model` does so on {glue}`best_digits` digits.
# - Passing is not understanding: the best model copies its training images.
# - Even a good density model yields no digit if the search stops early, and better coordinates can make a digit that the detector does not ask for.
