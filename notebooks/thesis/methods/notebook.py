# %% [markdown]
# # Methods: detectors, gradient descent, evolutionary search, measures
#
# *Detectors, generators, measures*
#
# Train a detector on images of one kind only, say on fours. Then forget the fours and ask it: *of all images there are,
# which one do you find most normal?* If it has understood what a four is, it will draw one. This chapter sets up that
# experiment as chapter 5 of the thesis does {cite:p}`ernst2025evaluating`, and says openly what the thesis leaves open. The idea
# is older than the thesis: a public repository of the same name tried it on sevens {cite:p}`psorus2021anogen`.

# %% tags=["remove-input"]
import inspect

from anogen.detectors import CATALOGUE
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.detectors.autoencoder_networks import CHANNELS
from anogen.generators import EvolutionConfig, noise
from anogen.generators.gradient import GradientConfig
from companion.claims import inventory
from companion.notebook import figure, markdown, table
from notebooks.thesis.methods.figures import fig_5_1, fig_5_2, fig_5_3

stated = {subject: facts["stated"] for subject, facts in inventory.raw()["hyperparameters"]["thesis"].items()}


def default(function, name):
    return inspect.signature(function).parameters[name].default


def open_choices(rows):
    table(["left open", "our default", "name in the code"], [row.split(" | ") for row in rows.strip().splitlines()])


# %% [markdown]
# ## The images
#
# The thesis uses two collections. **MNIST** {cite:p}`lecun1998mnist` holds handwritten digits in grey, **CIFAR-10**
# {cite:p}`krizhevsky2009learning` small colour photographs of objects and animals.

# %% tags=["remove-input"]
data, gradient, evolution = stated["data"], stated["gradient_generator"], stated["evolutionary_generator"]
shape = {name: "×".join(map(str, data[f"{name} shape"])) for name in ("MNIST", "CIFAR-10")}
markdown(f"""The thesis describes MNIST as {data["MNIST images"]:,} images of {shape["MNIST"]} pixels, {data["MNIST train"]:,} for
    training and {data["MNIST test"]:,} for testing, and CIFAR-10 as {data["CIFAR-10 images"]:,} images of
    {shape["CIFAR-10"]} values, {data["CIFAR-10 train"]:,} for training and {data["CIFAR-10 test"]:,} for testing.""")

# %% [markdown]
# Neither is a collection of anomalies. It becomes one by declaring one class normal and all others anomalous: the detector
# is trained on the training images of the normal class alone, and tested on the complete test set. Such anomalies are
# easy to come by and easy to see, which is what a study with pictures needs.

# %% tags=["remove-input"]
open_choices("""
scale of the pixel values | [0, 1] | `Dataset.one_class`
training images | all of the normal class | `OneClass.X_train`
test set of an AUC | all test images, the normal class against all others | `OneClass.X_test`, `.y_test`
random seeds | one per experiment, from which all random numbers follow | `Experiment.seed`
""")

# %% [markdown]
# ## The detectors
#
# A detector gives every image a score, and a higher score means more anomalous. How it comes to the score differs.
#
# ### Autoencoder
#
# An autoencoder is a network that copies its input through a bottleneck {cite:p}`hinton2006reducing`. The *encoder*
# squeezes an image into a short code, the *decoder* makes an image of the code ({numref}`thesis-fig-5.1`). If the code is
# short, the network cannot copy everything. Trained on fours, it learns what fours have in common, and copies
# other things badly.

# %%
caption = "An autoencoder copies its input through a narrow code; what the copy misses is the anomaly score."
alt = "From left to right: a column of circles for the input x with all n pixels, a narrowing block named encoder, a short column for the code z with few numbers, a widening block named decoder, a column for the output x hat. A line below joins input and output and is labelled score: mean of the squared differences."
figure(fig_5_1(), id="thesis-fig-5.1", caption=caption, alt=alt)

# %% [markdown]
# The score of an image $x$ with $n$ pixels is how much the copy $\hat{x}$ misses, the reconstruction error:
#
# $$
# \mathrm{Err}_\mathrm{recon}(x) = \frac{1}{n} \sum_{i=1}^{n} (x_i - \hat{x}_i)^2
# $$ (thesis-eq-5.1)
#
# The thesis says *convolutional*, and no more. One of the numbers that it leaves out decides what can be drawn at all: the
# width of the code. With a wide code the network copies nearly any smooth image; with a narrow one it can produce few,
# and whether these are fours is another matter. The chapter on the autoencoder sweeps it.

# %% tags=["remove-input"]
first, second = CHANNELS
open_choices(f"""
layers | two convolutions of stride 2 with {first} and {second} channels, and their mirror image | `autoencoder_networks.network`
width of the code | {default(ConvAutoencoder, "latent")} | `ConvAutoencoder.latent`
activations | ReLU; a sigmoid at the output | `autoencoder_networks.network`
training loss and optimiser | mean squared error, Adam | `ConvAutoencoder.fit`
learning rate | {default(ConvAutoencoder, "learning_rate")} | `ConvAutoencoder.learning_rate`
epochs and batch size | {default(ConvAutoencoder, "epochs")} and {default(ConvAutoencoder, "batch_size")} | `ConvAutoencoder.epochs`, `.batch_size`
initial weights | uniform, bounded by one over the root of the fan-in | `ConvAutoencoder.random_state`
""")

# %% [markdown]
# ### Deep SVDD
#
# Deep SVDD {cite:p}`ruff2018deep` does not copy. It trains a network $\phi$ that maps all normal images close to one
# point $c$ ({numref}`thesis-fig-5.2`). The score is the distance from that point:
#
# $$
# s(x) = \lVert \phi(x) - c \rVert_2
# $$ (thesis-eq-svdd-score)

# %%
caption = (
    "Deep SVDD trains a network that gathers the normal points inside a small sphere with centre $c$ and radius $R$."
)
alt = "Left, the input space: normal points along an arc, three anomalies around it. An arrow named network phi leads to the latent space on the right: the normal points fill a dashed circle with centre c and radius R, the three anomalies lie outside."
figure(fig_5_2(), id="thesis-fig-5.2", caption=caption, alt=alt)

# %% [markdown]
# Nothing in this score looks at the image again. The network may map an image of noise onto $c$ as exactly as an image of a
# four, and no term of its training forbids it.
#
# The thesis uses PyOD {cite:p}`zhao2019pyod` with its defaults, but does not name the release, and that matters: the
# releases from June 2024 to July 2026 did not train this network at all, because the line that computes the gradient had
# been commented out (issue 606 of its repository). PyOD also returns the *squared* distance (`inc-thesis-07`); the order of the images and the most normal
# image stay the same, the printed numbers do not.

# %% tags=["remove-input"]
library = inventory.raw()["hyperparameters"]["thesis"]["deep_svdd"]["library_default"]
open_choices(f"""
release of PyOD | stated in the record, with all other versions | `Record.meta`
layers | {library["hidden_neurons"]} | `DeepSVDD.hidden_neurons`
epochs and batch size | {library["epochs"]} and {library["batch_size"]} | `DeepSVDD.epochs`, `.batch_size`
learning rate of Adam | {library["learning_rate"]} | `DeepSVDD.learning_rate`
preparation of the pixels | standardised, pixel by pixel | `DeepSVDD.preprocessing`
""")

# %% [markdown]
# ### DEAN
#
# DEAN {cite:p}`kluettermann2022dean` averages many small networks. Each sees a random subset of the pixels (*feature
# bagging*) and is trained to give a constant for normal data; where it does not, the input is unusual. The score is the mean
# over the $M$ submodels:
#
# $$
# s(x) = \frac{1}{M} \sum_{m=1}^{M} s_m(x)
# $$ (thesis-eq-dean-score)
#
# ### The others
#
# Six detectors without a network of their own are added for comparison, all from PyOD with default values. This book adds
# more. Its catalogue:

# %% tags=["remove-input"]
table(
    ["detector", "what its score measures", "name", "described in"],
    [[e.title, e.score, f"`{name}`", f"{{cite:p}}`{e.citation}`"] for name, e in CATALOGUE.items()],
)

# %% [markdown]
# ## The generators
#
# To draw what a detector believes is to minimise its score over all images. Both methods of the thesis start from noise.
#
# ### Down the gradient
#
# If the detector is a network, the gradient of the score with respect to the *pixels* says how to change each of them, and
# a step is one subtraction. That is fast, and it ends in the nearest local minimum. This is not only bad: different starts
# end in different minima, so that the images differ.

# %% tags=["remove-input"]
markdown(f"""The thesis takes {gradient["iterations"]} steps with a learning rate of {gradient["learning_rate"]}. It does not say
    which steps. With the mean of {{eq}}`thesis-eq-5.1`, a plain step of that size changes a pixel by next to nothing, as
    the gradient of a mean over all pixels is that much smaller than the gradient of the sum; with Adam every
    pixel moves by about the learning rate, however little it matters. So this choice too is recorded as a sweep.""")
open_choices(f"""
step | `{GradientConfig().rule}` | `GradientConfig.rule`
gradient of the sum or of the mean over the pixels | `{GradientConfig().reduction}` | `GradientConfig.reduction`
pixels kept within [0, 1] | {"yes" if GradientConfig().clip else "no"} | `GradientConfig.clip`
distribution of the starting noise | `{default(noise, "distribution")}` | `generators.noise`
""")

# %% [markdown]
# ### By evolution
#
# An evolutionary algorithm {cite:p}`eiben2015introduction` needs only the score, so it works with every detector. It keeps
# a population of images. Again and again it makes children out of parents and lets them replace the population
# ({numref}`thesis-fig-5.3`).

# %%
caption = "The thesis's evolutionary algorithm with its own operators and values. What the thesis calls crossover, the general scheme calls recombination."
alt = "Flow chart. Start population of 150 random images, then fitness: anomaly score of every image, then the question: last generation? Yes leads to the read-out of the generated image. No leads to selection of two parents, the lower their score the more likely; then crossover, the pixel by pixel mean of the two; then mutation, with probability 0.5 add normal noise of standard deviation 0.01 to every free pixel; then 150 children replace all parents and are scored."
figure(fig_5_3(), id="thesis-fig-5.3", caption=caption, alt=alt)

# %% [markdown]
# A child $c$ of the parents $p_1$ and $p_2$ is
#
# $$
# c = \tfrac{1}{2} (p_1 + p_2) + b\,\varepsilon, \quad
# b \sim \mathrm{Bernoulli}(0.5), \quad \varepsilon \sim \mathcal{N}(0, 0.01^2 I)
# $$ (thesis-eq-ea-child)
#
# The random numbers of a run are a function of its seed, the generation and the child, computed by Philox
# {cite:p}`salmon2011parallel`, so that a run is the same alone, beside others and after an interruption. A pass over the
# population draws them, averages, mutates and clips at once, which is most of why a search takes seconds.
#
# Averaging draws the population together, mutation spreads it again. Where the two balance, every pixel keeps a
# spread of about the mutation's own size. This is a noise floor: however long the search runs, its images stay about that
# far from the most normal one in every pixel. For some detectors the floor is harmless. For others, whose score punishes the
# slightest grey in a pixel that was always black, it decides everything.

# %% tags=["remove-input"]
settings = EvolutionConfig()
markdown(f"""The thesis's values are a population of {evolution["population"]}, a mutation rate of {evolution["mutation_rate"]} and
    noise that is {evolution["mutation noise"]}. One image of {evolution["generations Deep SVDD"]:,} generations is therefore the
    outcome of {evolution["population"] * evolution["generations Deep SVDD"]:,} scores, against
    {gradient["iterations"]} for the gradient.""")
open_choices(f"""
distribution of the parents | `{settings.selection}`: probability falls linearly with the rank | `EvolutionConfig.selection`
the two parents | drawn independently, so an image may be both | `evolution.step`
survivors | none: the children replace the whole population | `evolution.step`
mutation | one draw per child; all of its free pixels change | `EvolutionConfig.mutation_rate`, `.mutation_std`
pixels kept within [0, 1] | {"yes" if settings.clip else "no"} | `EvolutionConfig.clip`
distribution of the starting noise | `{settings.initial_distribution}` | `EvolutionConfig.initial_distribution`
which image is shown | the lowest score of the last generation | `State.current_best`; the best ever seen is `State.best_solution`
""")

# %% [markdown]
# ### With help
#
# If a detector does not draw a four out of noise, it may do so with help. The thesis helps in two ways.
#
# - **Fixed pixels.** A share $k$ of the pixels is taken from a normal image and never changes; the search fills in the rest.
#   The text says that $1 - k\%$ of the pixels are optimised; $(100 - k)\%$ is meant (`inc-thesis-04`). In the code $k$ is a
#   fraction.
# - **Normal images in the first population.** Half of the first population is noise, the other half normal images. The
#   thesis takes them from the test set (`inc-thesis-06`).

# %% tags=["remove-input"]
open_choices("""
which pixels are fixed | drawn at random without replacement, for every run separately | `generators.random_mask`
which normal image they come from | drawn from the held-out images | `Retraining.guidance`
noise on fixed pixels | none: mutation leaves them out | `evolution.step`
which normal images start | drawn at random without replacement | `generators.normal_seeded_population`
""")

# %% [markdown]
# ## How we evaluate
#
# The thesis looks at the images and says whether they appear normal. It names the weakness itself: another person may see
# something else, and nothing can be computed with an impression. It is right, too, that no number guarantees that an image
# looks right. So we show the images *and* measure them. None of the measures asks the detector that drew the image.

# %% tags=["remove-input"]
shown = ("p_cls", "nn_ratio", "morans_i", "normal_looking", "noise_like", "quality", "div_ratio", "score_rank")
definitions = {one["id"]: one["definition"] for one in inventory.raw()["metric_definitions"]}
table(["measure", "definition"], [[f"`{name}`", definitions[name].replace("|", r"\|")] for name in shown])

# %% [markdown]
# No single one would do. A classifier recognises digits even in noise, so `p_cls` alone is easily fooled; the distance to the nearest real
# image catches that. A blurred mean of all fours is near to real fours, and only its smoothness or its diversity gives it
# away. The thresholds in `normal_looking` and `noise_like` were fixed before anything was computed.
#
# Two more numbers stand beside an image where they can be had. The *most normal image there is* is known for many
# detectors, in closed form or as a fixed point. Its distance from the generated image says whether a bad drawing is the
# detector's opinion or the search's failure. The thesis could not tell the two apart.
#
# Finally, each testable statement of the thesis has a criterion, fixed beforehand, that a program applies to the records, in every admissible
# reading of the thesis and for every training of the detector; {doc}`../verdicts` states the rule and lists the readings.
#
# What a detector that passes such a test could look like has been
# shown elsewhere: an autoencoder that is trained against its own samples {cite:p}`yoon2021autoencoding`.
