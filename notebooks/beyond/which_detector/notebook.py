# %% [markdown]
# # Which detector should I trust?

# %% [markdown] tags=["book-only"]
# ```{glance} which-detector
# question: Which detector should I use, and how far can I believe its score?
# here: The results of the other chapters on each of the {glue}`catalogue` detectors of the catalogue, in one table for images and one for tables. No experiment is made for this page.
# finding: On images {glue}`sound` of {glue}`audited` audited detectors have no finding, and {glue}`advised` of them also detect well: {glue}`advised_names`. For {glue}`shown` of {glue}`searched` detectors at least half of the images found look normal.
# ```

# %% [markdown]
# A high ROC AUC is one reason to trust a detector, and it needs anomalies with labels. This page adds the reasons that need none: is the detector sound, what does it score as most normal, and can this be checked?

# %% tags=["parameters"]
scale = "laptop"
detectors = [
    "anorand", "autoencoder", "cblof", "copod", "dean", "deep-svdd", "deep-svdd-lenet", "deep-svdd-untrained", "ecod",
    "gmm", "hbos", "iforest", "inne", "kde", "knn", "loda", "lof", "ocsvm", "pca", "pyod-autoencoder", "vae",
]  # fmt: skip
seed = 0

# %% tags=["remove-input"]
from companion.figures.tables import join_names
from companion.notebook import fold, glue, load_records, table
from notebooks.beyond.which_detector import figures
from notebooks.beyond.which_detector.evidence import gather, recommendations

records = load_records("which-detector", scale, detectors=detectors, seed=seed)
evidence = gather(records, detectors)
advised = recommendations(evidence)[0].detectors
audited = [e for e in evidence.values() if e.findings is not None]
searched = [e for e in evidence.values() if e.looks_normal is not None]
statuses = [str(s) for role, r in records.items() if role.startswith("typical-") for s in r["statuses"]]
glue(
    catalogue=len(evidence),
    audited=len(audited),
    sound=sum(e.is_sound for e in audited),
    advised=len(advised),
    advised_names=join_names(list(map(figures.title, advised))),
    searched=len(searched),
    shown=sum(e.shows_digits for e in searched),
    near=sum(e.arrives for e in evidence.values()),
    known=sum(e.status is not None for e in evidence.values()),
    mixed=statuses.count("mixed"),
    chains=sum(status != "no temperature" for status in statuses),
    without_images=join_names(figures.unmeasured(evidence, on_tables=False)),
    without_tables=join_names(figures.unmeasured(evidence, on_tables=True)),
)

# %% [markdown]
# ## Recommendations
#
# Each row is a rule on the columns of the tables below. Rules and thresholds were fixed before the columns were put together. Detectors are in the order of their ROC AUC.

# %% tags=["remove-input"]
table(*figures.table_recommendations(evidence))

# %% [markdown]
# ## Images

# %% tags=["remove-input"]
table(*figures.table_images(evidence))
fold("Findings by name", figures.table_findings(evidence))

# %% [markdown]
# How to read it, from left to right:
#
# - *Findings* of the {doc}`audit` on one digit: 0 is a sound detector. Each finding has a name, and some concern only a special use.
# - *AUC*: ROC AUC, mean over ten digits and three trainings ({doc}`correlation`).
# - *Looks normal*: share of the images that a search found on these detectors which the ensemble of {doc}`sample-quality` accepts as the digit.
# - *Gap*: score of the image found minus that of the known optimum, in interquartile ranges of real images' scores (median). If it is large, the search stopped early, and *looks normal* says little about the detector.
# - *Optimum*: whether it is proved or numerical ({doc}`certificates`), and whether the same ensemble accepts it as the digit (*normal*) or not (*odd*); for one digit.
# - *Samples*: share of samples which score as real images do that the ensemble accepts ({doc}`typical-set`), mean over two digits.
#
# A dash: not measured. A question mark: no optimum is known for this score, or the chains do not arrive.

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`known` optima are known, and the search comes close to those of {glue}`near` detectors. R-hat calls {glue}`mixed` of the {glue}`chains` sets of chains mixed, so the samples are not more than a hint. Not measured on images: {glue}`without_images`.

# %% [markdown]
# ## Tables of numbers

# %% tags=["remove-input"]
table(*figures.table_tables(evidence))

# %% [markdown]
# - *No finding*: number of tables on which the audit found nothing, with the library's defaults and unscaled data ({doc}`audit-bench`). A finding may mean no more than that the data need scaling.
# - *AUC* on {doc}`campaign`, {doc}`thyroid` and {doc}`cardio`.
# - *Nearest*: distance of generated rows to the nearest real row, in units of real rows' own distance (median over the three).

# %% [markdown] tags=["book-only"]
# Not measured on tables: {glue}`without_tables`.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Read soundness first: {glue}`advised_names` detect well and have no finding.
# - No column replaces another: a detector may detect well although no search finds an image that looks normal, and the reverse.
# - These are results on digits and three tables, not on your data: {doc}`../own` shows how to audit yours.
