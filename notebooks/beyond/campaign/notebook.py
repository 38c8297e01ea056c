# %% [markdown]
# # Case study: bank marketing

# %% [markdown] tags=["book-only"]
# ```{glance} campaign
# question: Which customer does a detector score as the most ordinary one?
# here: Five detectors, in pipelines that encode texts, fitted to customers of a bank who declined an offer. An evolutionary search finds the customers with the lowest score; each is compared with the real one nearest to it.
# finding: The audit finds no fault in {glue}`sound` of {glue}`detectors` detectors; {glue}`absurd` score customers unlike all real ones as normal. The highest ROC AUC is only {glue}`best_auc` ({glue}`best`).
# ```

# %% [markdown] tags=["book-only"]
# A bank telephones customers to sell a deposit. Most decline; the few who accept are the anomalies of the data set *campaign* of ADBench {cite:p}`han2022adbench`. Columns are numbers (age, earlier calls, interest rates) and categories, which the file has as columns of zeros and ones without names. We restore names, units and texts by the header of the copy from which ADBench took the data; `pdays` is 999 for customers who were never called before.
# If calls are filtered by such a score, nobody will look at customers who are close to its lowest row.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/campaign"
generations = 300
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import glue_summary, show_audit, show_rows, show_values

record = load_records("campaign", scale, data=data, generations=generations, seed=seed).get("application")
glue_summary(
    record,
    """
    detectors sound absurd absurd_ratio best best_auc best_findings nearest nearest_distance farthest
    farthest_distance columns least_apart least_apart_name most_apart most_apart_name near_rank
    near_rank_name generations
    """,
)

# %% [markdown]
# ## Method of the case studies
#
# This method is also that of {doc}`thyroid`, {doc}`cardio` and {doc}`heartbeats`. Detectors have the defaults of their library and are fitted to normal rows alone. For each of them an {term}`evolutionary search <evolution>` of {glue}`generations` generations (more on the other pages, since arrays are scored faster than tables with texts) looks for the rows with the lowest score, within the range of the data. Texts and small whole numbers keep valid values.
# The rows found are compared with real ones, and the detector is audited. Distances are Euclidean, with each column scaled to $[0, 1]$ over normal rows; two different texts are at distance 1.

# %% [markdown]
# ## Rows with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** The rows found on {glue}`nearest` are nearest to real customers ({glue}`nearest_distance` times the usual distance), those on {glue}`farthest` farthest ({glue}`farthest_distance`).

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-campaign")

# %% [markdown]
# Each detector's customer with the lowest score and, in parentheses, the real customer nearest to it; values that fewer than 5% of normal rows have, or have at that end, are bold.

# %% tags=["remove-input"]
show_values(record)

# %% [markdown]
# ## Audit
#
# The report of `anogen audit` for each detector: its verdict, and for each finding ({doc}`audit-bench` lists all) the evidence and what to do. Distances are relative to those between real rows.
# They are of a generated row to the nearest real one (median), between the rows of two starts, and to the known optimum.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown] tags=["book-only"]
# ## What a practitioner learns
#
# - {glue}`best` has the highest ROC AUC; its findings: {glue}`best_findings`. On {glue}`absurd`, a customer up to {glue}`absurd_ratio` times as far from the data as customers usually are scores below nearly all real ones.
# - The most ordinary customer differs from the real one nearest to it in {glue}`most_apart` of {glue}`columns` columns on {glue}`most_apart_name`, in {glue}`least_apart` on {glue}`least_apart_name` (another text, or more than a tenth of the range).
# - That real customer is ordinary, too: at most {glue}`near_rank` of held-out rows score as low ({glue}`near_rank_name`).

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Audit the pipeline that is deployed, on the table that it is given: generated customers then have one job and one marital status each, and a colleague without statistics can read them.
# - A ROC AUC ({glue}`best_auc` for {glue}`best`) and the distance of the most ordinary customer to a real one (least on {glue}`nearest`) answer different questions: does the score find those who accept, and does it know what customers are like?
