# %% [markdown]
# # Case study: bank marketing

# %% [markdown] tags=["book-only"]
# ```{glance} campaign
# question: Which customer does a detector score as the most ordinary one?
# here: Five detectors, fitted to customers of a bank who declined an offer. An evolutionary search finds the rows with the lowest score.
# finding: {glue}`blind` of {glue}`detectors` detectors ignore columns that never changed in training, and {glue}`one_row` lead to one row from every start. The highest ROC AUC is only {glue}`best_auc` ({glue}`best`).
# ```

# %% [markdown] tags=["book-only"]
# A bank telephones customers to sell a deposit. Most decline; the few who accept are the anomalies of the data set *campaign* of ADBench {cite:p}`han2022adbench`. Columns are numbers (age, earlier calls, interest rates) and categories, each category a column of zeros and ones. If calls are filtered by such a score,
# nobody will look at customers who are close to its lowest row.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/campaign"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import glue, load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_rows, summary

record = load_records("campaign", scale, data=data, generations=generations, seed=seed).get("application")
told = summary(record)
glue(
    detectors=told["detectors"],
    best=told["best"],
    best_auc=told["best_auc"],
    best_distance=told["best_distance"],
    nearest=told["nearest"],
    nearest_distance=told["nearest_distance"],
    farthest=told["farthest"],
    farthest_distance=told["farthest_distance"],
    one_row=told["one_row"],
    blind=told["blind"],
    generations=told["generations"],
)

# %% [markdown]
# ## Method of the case studies
#
# This method is also that of {doc}`thyroid`, {doc}`cardio` and {doc}`heartbeats`. Detectors have the defaults of their library and are fitted to normal rows alone. For each of them an {term}`evolutionary search <evolution>` of {glue}`generations` generations looks for the rows with the lowest score, within the range of the data.
# The rows found are compared with held-out real ones, and the detector is audited. Distances are Euclidean, with each column scaled to $[0, 1]$ over normal rows.

# %% [markdown]
# ## Rows with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** The rows found on {glue}`nearest` are nearest to real customers ({glue}`nearest_distance` times the usual distance), those on {glue}`farthest` farthest ({glue}`farthest_distance`).

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-campaign")

# %% [markdown]
# ## Audit
#
# Faults are those of {doc}`audit`. Distances are relative to those between real rows: of a generated row to the nearest real one (median), between the rows of two starts, and from the known optimum.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - {glue}`blind` of {glue}`detectors` detectors accept any value in a column that never changed in training: check such columns separately.
# - Averages mislead for categories. A customer who is 0.6 married does not exist, and yet is the most normal one for a detector that measures distances to a mean. The search, which steps between values of the data, does not arrive there.
# - {glue}`best` detects best ({glue}`best_auc`), with rows {glue}`best_distance` times as far from real customers as these are from each other.
