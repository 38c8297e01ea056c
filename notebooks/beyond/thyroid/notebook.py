# %% [markdown]
# # Case study: thyroid

# %% [markdown] tags=["book-only"]
# ```{glance} thyroid
# question: Which patient does a detector score as the healthiest?
# here: Five detectors, fitted to six measurements of patients with a normal thyroid; method as in {doc}`campaign`.
# finding: {glue}`one_row` of {glue}`detectors` detectors lead to one patient from every start. The audit finds no fault in {glue}`sound` of them; {glue}`absurd` also score patients unlike all real ones as normal, with a ROC AUC of up to {glue}`faulty_auc`.
# ```

# %% [markdown] tags=["book-only"]
# The anomalies of *thyroid*, a data set of ADBench {cite:p}`han2022adbench`, are patients with a hyperfunction. With six columns, a generated row can be compared with the patients number by number.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/thyroid"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import glue_summary, show_audit, show_rows, show_values

record = load_records("thyroid", scale, data=data, generations=generations, seed=seed).get("application")
glue_summary(
    record,
    """
    detectors sound absurd absurd_ratio faulty_auc best best_auc best_distance nearest nearest_distance
    one_row calls columns most_apart
    """,
)

# %% [markdown]
# ## Rows with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`one_row` of {glue}`detectors` detectors have one most normal row. On {glue}`nearest` it is closest to a real patient ({glue}`nearest_distance` times the usual distance).

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-thyroid")

# %% [markdown]
# Each detector's row with the lowest score and, in parentheses, the real patient nearest to it; values that fewer than 5% of normal rows have at that end are bold. All columns are scaled to $[0, 1]$. TSH, T3, TT4, T4U and FTI are the hormone measurements of the UCI data set from which ADBench took the data; the file has no names, so we use the order there.

# %% tags=["remove-input"]
show_values(record)

# %% [markdown]
# ## Audit
#
# The report of `anogen audit` for each detector: its verdict, and for each finding ({doc}`audit-bench` lists all) the evidence and what to do. Distances are relative to those between real rows, as in {doc}`campaign`.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown] tags=["book-only"]
# ## What a practitioner learns
#
# - {glue}`calls` calls of each detector's score and no label are enough to say that {glue}`sound` of {glue}`detectors` are trained, the right way round, and independent of the batch, and have no other fault that the audit knows.
# - {glue}`absurd` score a row {glue}`absurd_ratio` times as far from the data as patients usually are below nearly all patients, although their ROC AUC is up to {glue}`faulty_auc`. Labelled anomalies of one kind cannot show this.
# - The most normal rows can be read as patients: none differs from the real patient nearest to it by more than a tenth of a column's range in more than {glue}`most_apart` of {glue}`columns` columns.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Where all starts end in one row, a low score means nearness to that row. A physician can judge whether its six numbers are those of a healthy patient; a ROC AUC cannot tell.
# - Columns in which the rows of two detectors differ show what each of them looks at.
# - {glue}`best` detects best ({glue}`best_auc`), and its rows are {glue}`best_distance` times as far from real patients as usual.
