# %% [markdown]
# # Case study: thyroid
#
# *Six numbers of the thyroid*

# %% [markdown] tags=["book-only"]
# Six measurements of patients, most with a healthy thyroid; those with hyperfunction are the anomalies of *thyroid*, as ADBench has the data {cite:p}`han2022adbench`.
#
# With six columns one can read the row that a detector draws number by number, and put it beside the patients.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/thyroid"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_lessons, show_rows, show_values

record = load_records("thyroid", scale, data=data, generations=generations, seed=seed).get("application")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-thyroid")
show_values(record)

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real rows its own are.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
show_lessons(record)

# %% [markdown] tags=["book-only"]
# A physician can judge such a row where a ROC AUC says nothing: are these six numbers those of a healthy patient? Where two detectors draw different rows, the columns in which they differ say what
# each looks at.
