# %% [markdown]
# # Case study: bank marketing
#
# *A bank's calls*

# %% [markdown] tags=["book-only"]
# A bank telephones customers to sell them a deposit. Most decline; those few who accept are the anomalies of *campaign*, as ADBench has the data {cite:p}`han2022adbench`. Columns are
# numbers (age, earlier calls, interest rates) and answers that are one of several, each with a column of zeros and ones.
#
# A detector is fitted to customers who declined. What does it hold to be the most ordinary customer of all? Whoever filters calls by such a score should know, since everybody who is like that row will
# never be looked at.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/campaign"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_lessons, show_rows

record = load_records("campaign", scale, data=data, generations=generations, seed=seed).get("application")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-campaign")

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
# Columns of zeros and ones are where averages mislead: a customer who is 0.6 married does not exist, and yet is the most normal one to a detector that measures distances to a mean. The search does not
# arrive there. It steps by ranks among the values of the data, and between zeros and ones there is no rank to stand on; that is part of the distances to the optimum in the table.
