# %% [markdown]
# # Autoencoder on MNIST
#
# *What an autoencoder believes is normal*
#
# An autoencoder squeezes an image through a narrow latent vector and rebuilds it {cite:p}`hinton2006reducing`. Trained on
# one digit only, it rebuilds that digit well and others badly, so the reconstruction error can serve as an anomaly score
# ({eq}`thesis-eq-5.1`). The thesis {cite:p}`ernst2025evaluating` turns the question around: starting from noise, which
# image does the trained network rebuild best? If it has learned what the digit looks like, the answer should look like
# the digit.

# %% tags=["parameters"]
scale = "laptop"
digit = [3, 4]
latent = 4
iterations = 500
generations = 5000
population = 150
starts = 16
seed = 0
dataset = ""  # mnist; fashion_mnist or a path to an .npz of your own

# %% tags=["remove-input"]
import numpy as np

from companion.figures.tables import join_names, percent
from companion.notebook import figure, has_book_parameters, load_records, markdown, table
from notebooks.thesis.autoencoder import figures, figures_architectures
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, NETWORKS
from notebooks.thesis.autoencoder.choice import OTHERS, choose
from notebooks.thesis.autoencoder.experiments import VARIANTS, WIDTHS
from notebooks.thesis.trainings.experiments import TRAININGS

search = {"iterations": iterations, "generations": generations, "population": population, "starts": starts}
records = load_records("autoencoder", scale, digit=digit, latent=latent, seed=seed, dataset=dataset, **search)
is_book = has_book_parameters("autoencoder", globals())
FIGURES = {3: "thesis-fig-6.1", 4: "thesis-fig-6.2"}
widths = [w for w in sorted({latent, *WIDTHS}) if w == latent or f"training-{digit[0]}-latent-{w}" in records]


def get(role, number, width=latent, kind=""):
    return records[f"{role}-{number}" + (f"-latent-{width}" if width != latent else "") + kind]


def by_digit(role, kind=""):
    return {number: get(role, number, kind=kind) for number in digit}


def by_architecture(kind=""):
    roles = {network: f"architecture-{network}{kind}" for network in NETWORKS}
    return {network: records[role] for network, role in roles.items() if role in records}


descents, evolved = by_digit("gradient"), by_digit("evolution")
descent_qualities, evolved_qualities = by_digit("gradient", "-quality"), by_digit("evolution", "-quality")

# %% [markdown]
# ## What the thesis leaves open
#
# The thesis says that its autoencoder is convolutional, and no more: neither how many layers there are nor how wide the latent
# vector is. It says that the descent takes 500 steps at a learning rate of 0.01, but not whether plain
# gradient steps or a rule with momentum such as Adam, and not whether the error is averaged over the pixels, as
# {eq}`thesis-eq-5.1` is printed, or summed. The last point is no detail: the gradient of the sum is $n = 784$ times as
# large.
#
# We therefore treat these choices as parameters and try all of them; {ref}`verdict-rule` says how the verdicts follow. Training is random, too,
# so that a verdict takes five trainings. The first version of this book judged single trainings, which was
# our mistake: of five trainings of width 4 on the fours, with almost the same ROC AUC, evolution makes normal-looking images on two
# and not one on the other three ({doc}`trainings`).
#
# Something has to be the default all the same. To keep our hands off the digits that the thesis shows, the latent width
# was chosen on four others.

# %% tags=["remove-input"]
selection = records["selection"]
looks = selection["normal_looking"].mean(axis=-1)  # (digits, widths)
rows = [
    [str(number), *(f"{percent(share)}, {auc:.3f}" for share, auc in zip(shares, aucs, strict=True))]
    for number, shares, aucs in zip(selection["digits"], looks, selection["auc"], strict=True)
]
means = zip(looks.mean(axis=0), selection["auc"].mean(axis=0), strict=True)
rows.append(["mean", *(f"**{percent(share)}**, {auc:.3f}" for share, auc in means)])
first, *others = selection["widths"]
table(["digit", f"width {first}", *map(str, others)], rows)
markdown(f"""Each entry gives the share of normal-looking images among those drawn by plain gradient steps, and the ROC AUC of the same
    autoencoder (record `{selection.id}`). A width of {selection["widths"][looks.mean(0).argmax()]} draws best, a width of
    {selection["widths"][selection["auc"].mean(0).argmax()]} detects best. That trade-off will return below.""")

# %% [markdown]
# ## Drawing by gradient
#
# An image starts as uniform noise and follows the gradient of the score on its own pixels.

# %% [markdown] tags=["book-only"]
# ### Four architectures, five trainings
#
# Two things decide which image comes out: the layers, which the thesis does not state, and the random start of the training. So we
# compare four networks that the thesis may have used:
#
# - *bottleneck*: the book's own, two convolutions and a dense latent vector of 4 values;
# - *tf-tutorial*: the denoising network of [TensorFlow's tutorial on autoencoders](https://www.tensorflow.org/tutorials/generative/autoencoder), with 8 maps of
#   7 x 7 values in the middle;
# - *keras-blog*: the convolutional network of [Building Autoencoders in Keras](https://blog.keras.io/building-autoencoders-in-keras.html), with 8 maps of 4 x 4;
# - *deep-svdd*: the autoencoder for MNIST of the paper on Deep SVDD {cite:p}`ruff2018deep`, with 32 latent values.
#
# Only the layers are those of these sources. All four are trained like the book's own, with Adam on the mean squared error, 25 epochs of one digit. From
# the same noise we then descend in three ways at the stated rate: by plain steps on the sum, and by Adam on the sum and on the mean.
#
# One of them has to fill Figs. 6.1 and 6.2. It is chosen by a rule that was fixed beforehand, on digits that the thesis does not show: the
# architecture with the largest share of normal-looking images of the digits 5 and 7 over all ways, and then its best way. The chosen architecture and the book's own are
# then trained five times on each of the digits 3 and 4; for the verdicts the book's own was trained five more times. For the other two that was not computed.

# %% tags=["remove-input"]
if is_book:
    others, others_quality = by_architecture("-others"), by_architecture("-others-quality")
    choice = choose(others_quality)
    way = f"{ADMISSIBLE[choice.way].rule}, {ADMISSIBLE[choice.way].reduction}"
    failed = [network for network, record in others.items() if figures_architectures.all_black(record).any()]
    table(*figures_architectures.table_choice(others, others_quality))
    markdown(f"""Share of normal-looking images of the digits {join_names(list(map(str, OTHERS)))} by way, and means over both digits, one training each (records
        {", ".join(f"`{record.id}`" for record in others.values())}). The rule chooses *{choice.network}* and the way *{way}*. Figs. 6.1 and 6.2 show the
        training whose share of normal-looking images is the median. {f"The trainings of {join_names(failed)} failed: the network puts out black whatever it is shown, and rebuilds a black image without error." * bool(failed)}""")

# %% tags=["remove-input"]
if is_book:
    trained, trained_quality = by_architecture(), by_architecture("-quality")
    chosen = trained[choice.network]
    for number in digit:
        place = figures_architectures.find_median(trained_quality[choice.network], number, choice.way)
        looks = trained_quality[choice.network]["normal_looking"][place]
        shares = figures_architectures.shares_by_training(trained_quality, place)
        figure(
            figures_architectures.figs_6_1_6_2(chosen, place),
            id=FIGURES[number],
            caption=f"Images of class {number} by {chosen.parameter('iterations')} gradient steps ({way}) on the autoencoder *{choice.network}*, with their anomaly scores. Each image is another start. Training "
            f"{place[1] + 1} of {chosen.parameter('trainings')}, the median: {looks.sum()} of {looks.size} images are normal looking. Over {shares.size} trainings of {join_names(list(trained))} it is {percent(shares.min())} to {percent(shares.max())}.",
            alt=f"Two rows of small grey images with a number above each, generated for the digit {number}; {percent(looks.mean())} of them look like a normal {number} to our measure.",
            records=[chosen, trained_quality[choice.network]],
        )
    figure(
        figures_architectures.fig_architectures(trained, choice.way),
        id="anogen-fig-autoencoder-architectures",
        caption=f"One image of every training ({way}), with its anomaly score: a row for each architecture; below the columns the digit and the number of the training.",
        alt=f"A grid of small grey images: {len(trained)} rows, and {chosen.parameter('trainings')} columns for each of the digits {join_names(list(map(str, digit)))}.",
        records=list(trained.values()),
    )
    table(*figures_architectures.table_trainings(trained, trained_quality))
    markdown(
        """Share of normal-looking images over the three ways to descend; in brackets the ROC AUC of the training."""
    )

# %% [markdown] tags=["book-only"]
# On *deep-svdd* most images are strokes on black that recall the digit and differ from start to start, much as the thesis describes; the single network accepts few of
# them as normal. The verdicts take the four classifiers of {doc}`sample-quality` instead, which also recognise blurred digits: the threes of some trainings of *bottleneck* are readable, and the
# network rejects them all. On *bottleneck* the training decides between fours, grey clouds and noise, at nearly equal ROC AUC. No single training of one network shows
# what an autoencoder draws.

# %% [markdown]
# ### A narrow latent vector
#
# The remaining images of this page are those of one training of the book's own network, with plain steps on the sum unless stated otherwise.

# %% tags=["remove-input"]
for number, descent in descents.items():
    figure(
        figures.fig_gradient(descent),
        id=f"anogen-fig-gradient-{number}",
        caption=f"Images of class {number} drawn by {iterations} gradient steps on an autoencoder of latent width {latent}, "
        "with their anomaly scores. Each image is another start.",
        alt=f"Rows of small grey images with a number above each, generated for the digit {number}; "
        f"{percent(descent_qualities[number]['normal_looking'][0].mean())} of them look like a normal {number} to our measure.",
        records=[descent],
    )
for number, descent in descents.items():
    quality, training = descent_qualities[number], get("training", number)
    looks = quality["normal_looking"][0]
    markdown(f"""**Class {number}.** The score falls from {np.median(descent["start_scores"][0]):.3f} to a median of
        {np.median(descent["scores"][0]):.2g}; held-out real images have a median of
        {np.median(training["test_scores"][training["test_labels"] == 0]):.2g}.
        {looks.sum()} of {looks.size} images are normal looking, {percent((quality["predicted"][0] == number).mean())} are
        classified as {number}, and their diversity is {float(quality["div_ratio"][0]):.2f} of that of real images.""")

# %% [markdown]
# An image that scores better than any real one is worth a second thought. The autoencoder cannot rebuild the small
# irregularities of a real digit, so a real digit never scores zero. A smooth image of the kind that the decoder itself puts
# out can. What the descent finds is a *fixed point of the network*, and whether it looks like a digit depends on whether the
# network maps everything to digits.
#
# ```{verdicts} thesis-c-20 thesis-c-21
# ```
#
# ### Rule, reduction and rate
#
# The same starts on the same autoencoder: by the four ways to read the thesis's sentence, and by plain steps on the sum at a tenth
# and at ten times the stated rate.

# %% tags=["remove-input"]
last = digit[-1]
caption = f"Class {last}, latent width {latent}, {iterations} steps: the rule (plain or Adam), whether the squared differences are summed or averaged over the pixels, and the learning rate. The first four rows have the stated rate."
alt = f"Six rows of images, one for each way to descend.{' Plain steps on the mean leave noise.' * is_book}"
picture = figures.fig_variants(descents[last])
figure(picture, id="anogen-fig-autoencoder-variants", caption=caption, alt=alt, records=[descents[last]])
rows = [[f"{v.rule}, {v.reduction}, {v.learning_rate:g}"] for v in VARIANTS]
for i, row in enumerate(rows):
    for number, descent in descents.items():
        left = np.median(descent["scores"][i] / descent["start_scores"][i])
        row += [percent(descent_qualities[number]["normal_looking"][i].mean()), f"{left:.2g}"]
heads = [head for number in digit for head in (f"class {number}: normal looking", "score left")]
table(["rule, reduction, rate", *heads], rows)

# %% [markdown]
# *Score left* is the median of the final score as a fraction of the start's.

# %% [markdown] tags=["book-only"]
# Plain steps on the printed mean hardly move an image,
# so those are not what the thesis took: with its mean goes another rule, such as Adam, or with plain steps a sum. They are shown, but
# no verdict counts them. The rate matters as much as the rule: an image
# first falls onto whatever the network can rebuild, be it grey, and then creeps along it towards ever better rebuilt images. At
# the stated rate the steps are over before the creeping is.

# %% [markdown]
# ```{verdicts} thesis-c-14 thesis-c-15
# ```
#
# ## Drawing by evolution
#
# The evolutionary search needs no gradient. Its population of images is averaged and mutated, generation by generation, and
# low scores have more children.

# %% tags=["remove-input"]
figure(
    figures.figs_6_5_6_6(evolved),
    id="thesis-fig-6.5" if digit == [3, 4] and not dataset else "anogen-fig-evolution",
    caption=f"Images of class {' and '.join(map(str, digit))} (from top) evolved on the bottleneck autoencoder of latent width {latent}, one training for each class, with their "
    f"anomaly scores: {generations} generations of {population} images. Each image is the best of an independent run.",
    alt="Rows of small grey images with a number above each, generated by evolution.",
    records=list(evolved.values()),
)
for number, quality in evolved_qualities.items():
    markdown(f"""**Class {number}.** {quality["normal_looking"].sum()} of {quality["normal_looking"].size} evolved images are normal looking
        ({percent(quality["normal_looking"].mean())}, by gradient {percent(descent_qualities[number]["normal_looking"][0].mean())});
        {percent((quality["predicted"] == number).mean())} are classified as {number}; diversity
        {float(quality["div_ratio"]):.2f}; median score {np.median(evolved[number]["scores"]):.2g}.""")
if is_book:
    repeated = load_records("trainings", detectors=["autoencoder"], digits=[], classes=[])
    shares = [percent(repeated[f"autoencoder-{t}-quality"]["normal_looking"].mean()) for t in range(TRAININGS)]
    markdown(f"""The training decides here, too: on {TRAININGS} other trainings of this network {{doc}}`trainings` evolves images of class 4, of which {join_names(shares)} are normal looking. The other
        three architectures were not searched by evolution.""")
figure(
    figures.fig_history(descents, evolved),
    id="anogen-fig-autoencoder-history",
    caption="How the score falls by gradient steps (left) and by generations of the evolutionary search (right): the median over the starts "
    "and the range that holds them all.",
    alt="Two plots with logarithmic score axes."
    + " Both fall and level off, the gradient within its steps, evolution over thousands of generations." * is_book,
    records=[*descents.values(), *evolved.values()],
)

# %% [markdown]
# ```{verdicts} thesis-c-27
# ```
#
# ## Detecting and drawing
#
# How wide the latent vector is decides what comes out. One might expect the detector that detects best to draw best: it knows the digit
# best, after all.

# %% [markdown] tags=["book-only"]
# The rows below are four autoencoders that differ in nothing but the width, and the same starts for each.

# %% tags=["remove-input"]
if len(widths) > 1:
    for number in digit:
        by_width = {w: get("gradient", number, w) for w in widths}
        for variant in (VARIANTS[0], VARIANTS[-1]):
            figure(
                figures.fig_widths(by_width, variant),
                id=f"anogen-fig-autoencoder-widths-{number}-{variant.learning_rate:g}",
                caption=f"Class {number}: the same starts, drawn by plain gradient steps at a rate of {variant.learning_rate:g} on autoencoders of "
                f"latent width {', '.join(map(str, widths))} (from top), with their anomaly scores.",
                alt=f"One row of generated images for each latent width, digit {number}, learning rate {variant.learning_rate:g}.",
                records=list(by_width.values()),
            )
    auc = {n: [float(get("training", n, w)["auc"]) for w in widths] for n in digit}

    def by_method(measure):
        ways = {f"gradient, {VARIANTS[v].learning_rate:g}": ("gradient", v) for v in (0, -1)}
        ways["evolution"] = ("evolution", ...)
        return {
            name: {n: [float(measure(get(way, n, w, "-quality"), v, n)) for w in widths] for n in digit}
            for name, (way, v) in ways.items()
        }

    measures = {
        "share normal looking": by_method(lambda q, v, n: q["normal_looking"][v].mean()),
        "share of the class": by_method(lambda q, v, n: (q["predicted"][v] == n).mean()),
        "diversity / real": by_method(lambda q, v, n: q["div_ratio"][v]),
    }
    shares = measures["share normal looking"]

    def sizes(way):
        counts = {get(way, n, w, "-quality")["normal_looking"].shape[-1] for n in digit for w in widths}
        return " or ".join(map(str, sorted(counts, reverse=True)))

    figure(
        figures.fig_tradeoff(widths, auc, measures),
        id="anogen-fig-autoencoder-tradeoff",
        caption=f"By latent width: how well the autoencoder tells the digit from {'the other nine' if not dataset else 'all other classes'}, and, of the images generated on it, the share that looks normal, the share that an independent classifier "
        "takes for the digit, and their mean distance from one another over that of real images. Noise that was hardly moved is diverse, too. "
        f"{sizes('gradient')} images by gradient, {sizes('evolution')} by evolution.",
        alt="Four plots against the latent width, with a line for each digit and method: ROC AUC, share of normal-looking images, share classified as the digit, diversity.",
        records=[get("training", n, w) for n in digit for w in widths]
        + [get(way, n, w, "-quality") for way in ("gradient", "evolution") for n in digit for w in widths],
    )
    for n in digit:
        method = max(shares, key=lambda m: max(shares[m][n]))
        best = int(np.argmax(shares[method][n]))
        markdown(f"""**Class {n}.** The best detector has width {widths[int(np.argmax(auc[n]))]} (ROC AUC {max(auc[n]):.3f}). The largest share of
            normal-looking images, {percent(shares[method][n][best])}, comes from width {widths[best]}
            ({method}), where the ROC AUC is {auc[n][best]:.3f}.""")

# %% [markdown] tags=["book-only"]
# To detect better is therefore not to draw better. What a descent looks for is an image that the network rebuilds, and
# a wide network rebuilds many things besides the digit. A very narrow one is no remedy: it may have a grey cloud among the few
# things that it can put out, and noise is nearer to that cloud than to any digit. What comes out therefore says less about
# how well the digit was learned than about what lies between noise and the digit.
#
# Two cautions. These are four widths of one family of networks, one training each; other architectures and trainings give other images, as
# the comparison at the top of this page shows. And a failed descent is not a failed detector: the descents at ten
# times the rate start from the same noise on the same networks and end elsewhere.

# %% [markdown]
# ### Diversity
#
# The thesis finds the fours more varied than the threes, sees the same in the training set, and concludes that the
# autoencoder learns the whole distribution and not only parts of it.

# %% tags=["remove-input"]
for number, quality in descent_qualities.items():
    markdown(f"""**Class {number}.** Two training images are {float(quality["pairwise"]):.2f} apart on average (L2), two generated ones
        {float(quality["mean_pairwise"][0]):.2f}. The generated images' nearest real neighbours lie in {int(quality["clusters"][0])} of 16
        clusters of the class.""")

# %% [markdown] tags=["book-only"]
# The L2 distance between two images grows with the amount of ink, and threes have more of it. By distances that do not depend on the
# ink, the fours of the training set are the more varied ones, as the thesis says; the measures under `thesis-c-22` give three such distances. The
# first version of this page judged by the plain L2 distance and denied the thesis's observation: the mistake was ours.
# Whether the generated fours vary more depends on the architecture and on the training.
#
# Where the descent on the book's own network draws digits at all, it draws similar ones; those of *deep-svdd* at the top of the page vary more. Plain steps on the mean leave the noise that they began with, and noise is as
# diverse as can be, so that `thesis-c-23` now also asks for normal-looking images.

# %% [markdown]
# ```{verdicts} thesis-c-22 thesis-c-23
# ```
