# %% [markdown]
# # Case study: thyroid

# %% [markdown] tags=["book-only"]
# ```{glance} thyroid
# question: Which patient does a detector score as the healthiest?
# here: Five detectors, fitted to six measurements of patients with a normal thyroid; method as in {doc}`campaign`.
# finding: {glue}`one_row` of {glue}`detectors` detectors lead to one patient from every start. The detector with the highest ROC AUC, {glue}`best` ({glue}`best_auc`), leads to rows {glue}`best_distance` times as far from real patients as these are from each other.
# ```

# %% [markdown] tags=["book-only"]
# The anomalies of *thyroid*, a data set of ADBench {cite:p}`han2022adbench`, are patients with a hyperfunction. With six columns, a generated row can be compared with the patients number by number.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/thyroid"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import glue, load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_rows, show_values, summary

record = load_records("thyroid", scale, data=data, generations=generations, seed=seed).get("application")
told = summary(record)
glue(
    detectors=told["detectors"],
    best=told["best"],
    best_auc=told["best_auc"],
    best_distance=told["best_distance"],
    nearest=told["nearest"],
    nearest_distance=told["nearest_distance"],
    one_row=told["one_row"],
)

# %% [markdown]
# ## Rows with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`one_row` of {glue}`detectors` detectors have one most normal row. On {glue}`nearest` it is closest to a real patient ({glue}`nearest_distance` times the usual distance).

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-thyroid")

# %% [markdown]
# Values of the row from the first start; values that fewer than 5% of normal rows have at that end are bold. All columns are scaled to $[0, 1]$. TSH, T3, TT4, T4U and FTI are the hormone measurements of the UCI data set from which ADBench took the data; the file has no names, so we use the order there.

# %% tags=["remove-input"]
show_values(record)

# %% [markdown]
# ## Audit
#
# Faults are those of {doc}`audit`; distances are relative to those between real rows, as in {doc}`campaign`.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Where all starts end in one row, a low score means nearness to that row. A physician can judge whether its six numbers are those of a healthy patient; a ROC AUC cannot tell.
# - Columns in which the rows of two detectors differ show what each of them looks at.
# - {glue}`best` detects best ({glue}`best_auc`), and its rows are {glue}`best_distance` times as far from real patients as usual.
