# %% [markdown]
# # Settings of the evolutionary search
#
# *How the search is set*
#
# The thesis {cite:p}`ernst2025evaluating` draws with an evolutionary search of 150 images, mutates half of the children by noise of deviation
# 0.01, and gives reasons for the first two of these numbers, but no measurement. Here they are measured: what a larger population,
# rarer mutations, louder noise and more generations do on the same autoencoder; what the search costs beside a gradient descent; and whether it
# withstands local minima.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detector = "autoencoder"
populations = [10, 25, 50, 100, 150, 300]
rates = [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]
sigmas = [0.001, 0.003, 0.01, 0.03, 0.1]
generations = 5000
trainings = 5
seed = 0
dataset = ""  # mnist; fashion_mnist, cifar10 or a path to an .npz of your own
selection = "linear"  # or tournament, truncation

# %% tags=["remove-input"]
import numpy as np

from companion.notebook import figure, has_book_parameters, load_records, markdown, table
from notebooks.thesis.autoencoder_cifar.figures import WAY_NAMES
from notebooks.thesis.search_settings import figures
from notebooks.thesis.search_settings.claims import TARGETS, reached
from notebooks.thesis.search_settings.experiments import THESIS

settings = {"populations": populations, "rates": rates, "sigmas": sigmas, "generations": generations}
is_book = has_book_parameters("search-settings", globals())
settings |= {"dataset": dataset, "selection": selection, "trainings": trainings, "seed": seed}
records = load_records("search-settings", scale, digit=digit, detector=detector, **settings)


def sweep(key, values):
    return {v: records["setting"] if v == THESIS[key] else records[f"{key}-{v:g}"] for v in sorted(values)}


def final(run):
    return run["scores"][:, run.parameter("stops").index(generations)]


def describe(number):
    return f"{number:,.0f}" if np.isfinite(number) else "not reached"


size, rate, sigma = sweep("population", populations), sweep("mutation_rate", rates), sweep("sigma", sigmas)
times = {n: [reached(run, target, generations) for target in TARGETS] for n, run in size.items()}

# %% [markdown]
# Each run has its own training of the detector and its own first population, so that what varies from seed to seed is all that would vary for somebody
# who repeats it. Where generations up to a target are counted, the score is taken as a share of what the detector gives to
# uniform noise, since no two trainings score alike; elsewhere it is the score itself.
#
# ## The population

# %% tags=["remove-input"]
caption = f"How the score falls under populations of {', '.join(map(str, size))} images: class {digit}, {detector}, the median of {trainings} seeds."
alt = "Lines that fall on a logarithmic axis, one for each size of the population."
picture = figures.fig_population(size, generations, "population")
figure(picture, id="anogen-fig-population", caption=caption, alt=alt, records=list(size.values()))
caption = f"Generations until the score is a given share of noise's, against the population: the mean of {trainings} seeds. A population whose dot is missing did not get there in every run."
alt = "Falling lines, one for each target score, against the size of the population."
picture = figures.fig_population_targets(times, TARGETS, "population")
figure(picture, id="anogen-fig-population-targets", caption=caption, alt=alt, records=list(size.values()))
table(
    ["population", *(f"to {target:.0%}" for target in TARGETS), f"images scored, to {TARGETS[0]:.0%}"],
    [[str(n), *map(describe, counts), describe(counts[0] * n)] for n, counts in times.items()],
)

# %% [markdown]
# Generations are not what a search costs: images are. The last column counts the images that were scored on the way.

# %% [markdown] tags=["book-only"]
# That is why a larger population, which
# needs fewer generations, is not the faster one. Up to 100 images, each larger population needs clearly fewer generations. Beyond, as the thesis
# says, the returns are small: the seeds of this page cannot tell them from nothing.

# %% [markdown]
# ```{verdicts} thesis-c-31 thesis-c-32
# ```
#
# ## Mutation: how often, how much

# %% tags=["remove-input"]
mutation = {"mutation rate": rate, "deviation": sigma}
for name, runs in mutation.items():
    caption = f"How the score falls for a {name} of {', '.join(f'{v:g}' for v in runs)}: class {digit}, {detector}, the median of {trainings} seeds."
    alt = f"Lines on a logarithmic axis, one for each {name}; most fall and level off."
    picture = figures.fig_population(runs, generations, name)
    figure(picture, id=f"anogen-fig-{name.replace(' ', '-')}", caption=caption, alt=alt, records=list(runs.values()))
caption = f"The score after {generations} generations: by mutation rate (left) and by the deviation of the mutation (right). A dot a seed, a line through the means."
alt = "Two plots of final scores on a common logarithmic axis."
picture = figures.fig_final_scores(
    {v: final(run) for v, run in rate.items()}, {v: final(run) for v, run in sigma.items()}
)
figure(picture, id="anogen-fig-final-scores", caption=caption, alt=alt, records=[*rate.values(), *sigma.values()])
for name, runs in mutation.items():
    figure(
        figures.fig_images(runs, 4 if generations >= 5 else 0),
        id=f"anogen-fig-images-{name.replace(' ', '-')}",
        caption=f"The images after {generations} generations, with their scores: one row for a {name} of {', '.join(f'{v:g}' for v in runs)} (from "
        "top), a seed in each column.",
        alt=f"Rows of small images with a number above each, one row for each {name}.",
        records=list(runs.values()),
    )
rows = []
for name, runs in (("rate", rate), ("deviation", sigma)):
    for value, run in runs.items():
        scores, last = final(run), run.parameter("stops").index(generations)
        moved = np.linalg.norm(run["images"][:, last].astype(float) - run["start_images"], axis=1).mean()
        share = (scores / run["noise_scores"]).mean()
        statistics = (f"{statistic:.2g}" for statistic in (scores.mean(), scores.min(), scores.max()))
        rows.append([f"{name} {value:g}", *statistics, f"{share:.2%}", f"{moved:.2f}"])
table(["setting", "final score, mean", "lowest", "highest", "share of noise's", "change of the best image (L2)"], rows)

# %% [markdown]
# These are scores after a stated number of generations, not limits: the score still falls then, as the next section shows. So they compare how fast the settings descend. Where a population settles is another
# question: with a share $r$ of mutated children, the variance of {eq}`noise-floor` becomes $2 r \sigma^2$, so it settles higher the more often children mutate.
#
# Even where almost nothing mutates, the best image does not stay what it was: children are averages of their parents, so a population of noise
# becomes the grey mean of itself within a few generations. Mutation decides what happens after that. The thesis says that with hardly any mutation the best
# image of the start remains as it is; by its own description of the search, where nothing survives a generation, it cannot (`inc-thesis-03`). An elite,
# which `evolve` has as an option, does not help: the first averages already score lower than the best image of the start and take its place
# (`thesis-c-34`).
#
# Where the search settles is another question than how fast it gets there. Each mutation adds noise that selection has to remove, so that a high
# rate ends at a higher score, as the thesis says (`thesis-c-35`). The first version of this page compared the scores of the autoencoder, which still fall after
# the generations of the thesis. It measured speed and denied the statement: the mistake was ours.
#
# ```{verdicts} thesis-c-33 thesis-c-34 thesis-c-35 thesis-c-36
# ```
#
# ## The generations

# %% tags=["remove-input"]
long, quality = records["setting"], records["quality"]
stops = long.parameter("stops")
caption = f"The best image after {', '.join(f'{stop:,}' for stop in stops)} generations, with its score: class {digit}, {detector}, one row a seed."
alt = f"Rows of small images with a number above each{'; they change from noise to smooth shapes from left to right' * is_book}."
figure(figures.fig_generations(long), id="anogen-fig-generations", caption=caption, alt=alt, records=[long])
caption = "Score (left) and quality (right) against the number of generations: thin lines are seeds, the thick one is their mean. Quality is the classifier's probability of the class, discounted by the distance to the nearest real image."
alt = f"Two plots against the number of generations on a logarithmic axis{': the score falls, the quality rises where it does' * is_book}."
picture = figures.fig_generations_quality(stops, long["scores"], quality["quality"])
figure(picture, id="anogen-fig-generations-quality", caption=caption, alt=alt, records=[long, quality])
numbers = zip(quality["normal_looking"].sum(axis=-1), stops, strict=True)
looking = ", ".join(f"{n} look{'s' if n == 1 else ''} normal after {stop:,}" for n, stop in numbers)
markdown(f"Of {trainings} images, {looking} generations.")

# %% [markdown]
# Where nothing happens any more is a property of detector and noise: with mutations of a fixed size, a population ends at some distance from
# the minimum and cannot settle.

# %% tags=["remove-input"]
ends, worth = long["scores"].mean(axis=0), quality["quality"].mean(axis=-1)
if len(stops) > 1:
    falls, same = ends[-1] < 0.95 * ends[-2], abs(worth[-1] - worth[-2]) < 0.05
    markdown(
        f"From {stops[-2]:,} to {stops[-1]:,} generations the mean score goes from {ends[-2]:.2g} to {ends[-1]:.2g}, and the quality from {worth[-2]:.2f} to {worth[-1]:.2f}. "
        + ("That point is not reached yet" if falls else "That is where it ends here")
        + (", but what is still gained in score is nothing that one sees." if falls and same else ".")
    )
    markdown(
        f"A held-out real image scores {np.median(long['real_scores']):.2g}, which is the scale for `thesis-c-38`."
    )

# %% [markdown]
# That more generations never make an image worse, the thesis says here of all detectors, and two sections later shows the opposite for two of them
# (`inc-thesis-02`); we read it as said of the autoencoder.
#
# ```{verdicts} thesis-c-37 thesis-c-38
# ```
#
# ## What it costs

# %% tags=["remove-input"]
cost = records["cost"]
widths = {int(role.removeprefix("descent-")): run for role, run in records.items() if role.startswith("descent-")}
first, last = next(iter(widths.values())).parameter("stops")
caption = f"How the score falls along {last} gradient steps, by rule and reduction, for autoencoders of several latent widths: class {digit}, the median of the starts. The dotted line is at {first} steps."
alt = "A panel for each way to descend, with a falling line for each latent width on a logarithmic axis."
figure(figures.fig_descents(widths), id="anogen-fig-descents", caption=caption, alt=alt, records=list(widths.values()))
excess = {w: np.divide(*run["scores"].mean(axis=1).T) for w, run in widths.items()}
markdown(f"The mean score after {first} steps, divided by that after {last}:")
table(["latent width", *WAY_NAMES], [[str(w), *(f"{e:.2f}" for e in by_way)] for w, by_way in excess.items()])
if "seconds" in cost.arrays:
    wall, busy = (np.median(cost[key], axis=0) for key in ("seconds", "processor_seconds"))
    markdown(f"""One image by {cost.parameter("iterations")} steps takes {busy[0]:.2g} seconds of a processor, one by {cost.parameter("generations")}
        generations {busy[1]:.3g}: {busy[1] / busy[0]:.0f} times as long ({wall[1] / wall[0]:.0f} times by the clock).""")

# %% [markdown]
# A descent whose score still falls has not converged, and one that hardly moves has, by such a ratio, converged at once: a number near 1 under
# plain steps on the mean says only that nothing happened.

# %% [markdown] tags=["book-only"]
# For the same reason a search soon equals those steps. They cannot be how the thesis made its images, and are not counted in
# `thesis-c-13` and `thesis-c-18`. The first version of this page counted them, and judged convergence by the ratio of two scores near zero. The new
# criterion asks which share of the whole fall is left after the steps of the thesis.

# %% [markdown]
# What the search costs in images until it is as good as the gradient is judged on the
# records of {numref}`anogen-fig-autoencoder-history`.
#
# ```{verdicts} thesis-c-13 thesis-c-18
# ```
#
# ## Local minima
#
# Rastrigin's function has about ten minima in every dimension and one that is lowest. The evolution starts with 150 points; from each of them a plain
# gradient descent runs as well, with steps small enough to stay in the basin where it began. To find the optimum is to end in its basin.

# %% tags=["remove-input"]
minima = records["toy"]
caption = f"How often the basin of the lowest minimum is found, of {minima.parameter('starts')} first populations, with the optimum in the middle of the domain or at a place drawn for each separately: by evolution, by the best of as many descents as there are points, and by a single one."
alt = "Groups of three bars, one group for each number of dimensions and place of the optimum."
figure(figures.fig_rastrigin(minima), id="anogen-fig-rastrigin", caption=caption, alt=alt, records=[minima])

# %% [markdown]
# The place of the optimum decides. Averaging the parents draws every population to the middle of the domain, which is where the textbook function has
# its optimum; with the optimum elsewhere the help is gone, and the mutations are too small to leap from one basin to the next. In images, the
# middle of the domain is grey.
#
# ```{verdicts} thesis-c-16
# ```
