# %% [markdown]
# # Other optimisers
#
# *Does the search of the thesis decide what its images show?*

# %% [markdown] tags=["book-only"]
# ```{glance} optimisers
# question: The thesis looks at images that one evolutionary algorithm finds. Would another optimiser have shown other images?
# here: Ten optimisers, among them CMA-ES, SNES and L-BFGS-B, on {glue}`detectors` detectors of fours of which the most normal image is proved. Each makes {glue}`evaluations` evaluations (the thesis: {glue}`thesis`), and each gets {glue}`seconds`.
# finding: With equal evaluations, sep-CMA-ES comes closer to the most normal image than the thesis's evolution on {glue}`sep_closer` detectors. With equal time, some other optimiser without a gradient does on {glue}`others_closer`, and L-BFGS-B comes closest on {glue}`gradient_closest` of {glue}`smooth` with a gradient. Evolution and the best optimiser agree on {glue}`agreed` detectors whether most images look like the digit. Of {glue}`searched`, searched with {glue}`longer` evaluations, too, the answer depends on the budget for {glue}`depends`.
# ```

# %% [markdown]
# A search that ends far above the lowest score shows what the search can do, not what the detector scores as normal. Where the lowest score of all images is known ({doc}`certificates`), the difference can be measured: the *gap* is the lowest score that a search finds minus the lowest score of all images, in interquartile ranges of the scores of held-out real images.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "gmm", "pca", "deep-svdd-untrained", "deep-svdd", "loda", "hbos", "copod"]
optimisers = []
evaluations = 7_500
longer = 50_000
seed = 0

# %% tags=["remove-input"]
from anogen.generators import EvolutionConfig, GradientConfig
from companion.figures.tables import join_names
from companion.notebook import figure, glue, load_records, markdown, table
from notebooks.beyond.optimisers.experiments import LONGER
from notebooks.beyond.optimisers.experiments import THESIS as THESIS_ROLE
from notebooks.beyond.optimisers.figures import (
    MAJORITY,
    agree,
    closer_than_evolution,
    closest_without_gradient,
    evaluations_in_time,
    fig_images,
    fig_optimisers,
    is_timed,
    median_gaps,
    microseconds,
    names,
    normal_looking,
    table_conclusions,
    table_costs,
    table_gaps,
    table_longer,
    thesis_gap,
    title,
)
from notebooks.beyond.optimisers.searches import ELITIST, EXPENSIVE, OPTIMISERS, SIGMA
from notebooks.thesis.other_detectors.experiments import THESIS

options = {"digit": digit, "detectors": detectors, "optimisers": optimisers, "seed": seed}
loaded = load_records("optimisers", scale, evaluations=evaluations, longer=longer, **options)
records = {name: record for name, record in loaded.items() if not name.endswith((LONGER, THESIS_ROLE))}
more, searched = (
    {name.removesuffix(end): record for name, record in loaded.items() if name.endswith(end)}
    for end in (LONGER, THESIS_ROLE)
)
timed = bool(records) and all(map(is_timed, records.values()))

# %% [markdown]
# ## The optimisers
#
# Without a gradient:
#
# - *random images*: the best of uniform noise; *hill climbing*: from noise to the best of ten neighbours, with the mutation of the thesis, if it scores lower.
# - *evolution*: the algorithm of the thesis ({doc}`methods`); *annealed*: its mutation starts ten times as large, and is halved ten times during the search.
# - *CMA-ES* {cite:p}`hansen2016cma` adapts the covariance of its samples, which takes time and memory of $O(d^2)$ for $d$ pixels; *sep-CMA-ES* {cite:p}`ros2008simple` adapts only its diagonal. Both are from the library `cma`.
# - *SNES* {cite:p}`schaul2011high` follows the natural gradient of a Gaussian with a diagonal covariance, in `evotorch`; *CR-FM-NES* {cite:p}`nomura2022fast`, in `fcmaes`, adds one direction to the diagonal.
#
# With a gradient: *Adam*, our generator `method="gradient"`, and *L-BFGS-B* {cite:p}`zhu1997algorithm` in SciPy.
#
# All libraries run with their default settings and a first standard deviation of {glue}`sigma` (pycma advises about a quarter of the range), from a random image. A search that converges restarts from another one. Pixels are clipped to $[0, 1]$; CMA-ES and CR-FM-NES are given these bounds. L-BFGS-B has finer tolerances than SciPy's defaults, and Adam the learning rate {glue}`rate`, ten times that of PyTorch, because a pixel may have to move by 1. The evolution of the thesis is run as published. Of our own, the annealed one was made for this chapter; our best published search, the *evolution of the audit* ({doc}`audit`), takes part where there are more evaluations: a population of {glue}`elitist`, mutations of most children, which shrink, and an elite. No setting was tuned on these detectors.

# %% [markdown]
# Every optimiser makes {glue}`evaluations` evaluations from each of {glue}`starts` starts; {glue}`slow`, whose evaluations are the most expensive, make {glue}`few`.

# %% [markdown] tags=["book-only"]
# Then each optimiser has {glue}`seconds` for a start, in which it makes as many evaluations as it can. It is the time of the process on one thread, not that of a clock, because other programs shared the machine. CMA-ES is not run for longer.

# %% tags=["remove-input"]
starts = next(iter(records.values()))["lowest"].shape[1] if records else 0
seconds = float(next(iter(records.values())).parameter("seconds")) if timed else 0.0
glue(
    starts=starts,
    slow=join_names([one.title for one in OPTIMISERS.values() if one.expensive]),
    few=f"{evaluations // EXPENSIVE:,}",
)

# %% [markdown]
# ## Gaps

# %% tags=["remove-input"]
if records:
    caption = f"How far above the lowest score of all images each optimiser ends, for detectors of class {digit}: median and range over {starts} starts, in interquartile ranges of the scores of real images. Gaps below $10^{{-9}}$ are drawn there. Optimisers with a gradient are missing where a score has none."
    alt = f"A panel for each of {join_names([title(name) for name in records])}, with a row for each optimiser and a logarithmic axis. Vertical lines mark the median real image."
    figure(
        fig_optimisers(records), id="anogen-fig-optimisers", caption=caption, alt=alt, records=list(records.values())
    )

# %% [markdown]
# Median gaps after equal numbers of evaluations; the smallest is bold:

# %% tags=["remove-input"]
if records:
    table(*table_gaps(records, timed=False))
if timed:
    markdown("Median gaps within equal processor time:")
    table(*table_gaps(records, timed=True))
    markdown("The time of one evaluation, the optimiser's own work included, lowest and highest of the detectors:")
    table(*table_costs(records))

# %% [markdown]
# ## More evaluations
#
# {glue}`longer` evaluations from each of the starts (the thesis: {glue}`thesis`), on {glue}`searched`.

# %% tags=["remove-input"]
if more:
    table(*table_longer(more, searched))
    markdown("Images that look like the digit after as many evaluations:")
    table(*table_conclusions(more, timed=False))

# %% [markdown] tags=["book-only"]
# *Evolution, thesis* is the median gap of the searches of {doc}`other-detectors`, with {glue}`thesis` evaluations.
#
# **Here:** The conclusion depends on the budget for {glue}`depends`. On CBLOF, {glue}`cblof_first` of the evolution's images look like the digit after {glue}`evaluations` evaluations, {glue}`cblof_longer` after {glue}`longer`, and {glue}`cblof_timed` in {glue}`seconds` (about {glue}`cblof_evaluations` evaluations); of the evolution of the audit it is {glue}`cblof_elitist` after {glue}`longer`. With the thesis's number, the evolution ends at a gap of {glue}`cblof_thesis`; sep-CMA-ES ends at {glue}`cblof_sep` after {glue}`longer`. For {glue}`stable`, the evolution finds no majority of digits with any of these budgets.

# %% [markdown]
# ## What the thesis would have concluded
#
# An ensemble of classifiers judges whether an image looks like the digit ({doc}`sample-quality`).

# %% tags=["remove-input"]
if timed:
    caption = f"The images that each optimiser finds within {seconds:g} s, from its first start, and the image of the lowest score."
    alt = f"A row for each of {join_names([title(name) for name in records])}, with a small grey image for each optimiser."
    figure(
        fig_images(records), id="anogen-fig-optimisers-images", caption=caption, alt=alt, records=list(records.values())
    )
if records:
    markdown("Images that look like the digit:")
    table(*table_conclusions(records, timed))

smooth = [record for record in records.values() if "l-bfgs-b" in names(record)]
differing = [title(name) for name, record in records.items() if not agree(record, timed)]
glue(
    detectors=len(records),
    sigma=SIGMA,
    evaluations=f"{evaluations:,}",
    thesis=f"{THESIS * EvolutionConfig().population_size:,}",
    seconds=f"{seconds:g} s of processor time" if timed else "–",
    sep_closer=sum("sep-cma" in closer_than_evolution(record, False) for record in records.values()),
    others_closer=sum(bool(closer_than_evolution(record, timed)) for record in records.values()),
    smooth=len(smooth),
    gradient_closest=sum(gap["l-bfgs-b"] == min(gap.values()) for gap in (median_gaps(r, timed) for r in smooth)),
    agreed=len(records) - len(differing),
    differing=join_names(differing) or "none",
    missed=join_names([title(name) for name, r in records.items() if min(median_gaps(r, timed).values()) > 1])
    or "none",
)

shares = {
    name: [normal_looking(records[name], late)["evolution"] for late in (False, timed)]
    + [normal_looking(record, False)["evolution"]]
    for name, record in more.items()
}
majorities = {name: {share > MAJORITY for share in values} for name, values in shares.items()}
cblof, cblof_more = records.get("cblof"), more.get("cblof")
whole = bool(timed and cblof and cblof_more and "cblof" in searched)
glue(
    rate=GradientConfig.learning_rate,
    elitist=ELITIST.population_size,
    longer=f"{longer:,}",
    searched=join_names([title(name) for name in more]) or "none",
    depends=join_names([title(name) for name, found in majorities.items() if len(found) > 1]) or "no detector",
    stable=join_names([title(name) for name, found in majorities.items() if found == {False}]) or "no detector",
    cblof_first=f"{round(shares['cblof'][0] * starts)} of {starts}" if whole else "–",
    cblof_timed=f"{round(shares['cblof'][1] * starts)} of {starts}" if whole else "–",
    cblof_longer=f"{round(shares['cblof'][2] * starts)} of {starts}" if whole else "–",
    cblof_elitist=f"{round(normal_looking(cblof_more, False)['elitist'] * starts)} of {starts}" if whole else "–",
    cblof_evaluations=f"{round(evaluations_in_time(cblof, 'evolution'), -3):,.0f}" if whole else "–",
    cblof_thesis=f"{thesis_gap(cblof_more, searched['cblof']):.2f}" if whole else "–",
    cblof_sep=f"{median_gaps(cblof_more, False)['sep-cma']:.3f}" if whole else "–",
)

example = "cblof" if "cblof" in records else next(iter(records), "")
costs = {
    name: f"{microseconds(records[example], name):.0f}" if timed and name in names(records[example]) else "–"
    for name in ("hill", "sep-cma", "cma")
}
glue(
    cheap=costs["hill"],
    sep_cost=costs["sep-cma"],
    cma_cost=costs["cma"],
    closest_evaluations=closest_without_gradient(records, timed=False),
    closest_time=closest_without_gradient(records, timed),
    whose=title(example) if example else "–",
)

# %% [markdown] tags=["book-only"]
# Evolution and the optimiser of the smallest gap disagree on {glue}`differing` of the detectors. Even the best optimiser ends more than one interquartile range above the optimum for {glue}`missed`: there, the images show the search. Each detector was trained once, and the thesis searched much longer than {glue}`seconds`.
#
# ## When to use which
#
# - *The score has a gradient:* L-BFGS-B, with restarts. It knows when it has converged.
# - *No gradient, and a score takes milliseconds:* an optimiser that needs few evaluations. With equal evaluations, the closest were {glue}`closest_evaluations`.
# - *No gradient, and a score takes microseconds:* an optimiser that does little between evaluations. With equal time, the closest were {glue}`closest_time`. With {glue}`whose`, an evaluation costs {glue}`cheap` microseconds with hill climbing, and {glue}`sep_cost` with sep-CMA-ES, which spends them on itself.
# - *CMA-ES* pays for its covariance: an evaluation costs {glue}`cma_cost` microseconds with {glue}`whose`. It is for tens of features, not for hundreds of pixels.
# - *The evolution of the thesis* is for reproducing the thesis. *Random images* are a baseline that every optimiser must beat.
#
# `anogen.generate` has the evolution, its annealing (`mutation_half_life`) and the gradient. For the other optimisers, `anogen.make_scorer(detector)` is the function to minimise.
#
# ```{verdicts} anogen-c-10 anogen-c-11 anogen-c-12 anogen-c-13
# ```
