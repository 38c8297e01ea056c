# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # A bank's calls
#
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
from companion.chapters import chapter_experiments
from companion.notebook import figure, markdown, table
from companion.records.available import load_available
from notebooks.beyond.applications.figures import audited, described, explained, lessons, panels

wanted = chapter_experiments("campaign", scale, data=data, generations=generations, seed=seed)
record = load_available("campaign", wanted).get("application")
if record is None:
    markdown("The record is still missing: `anogen records compute --chapter campaign` computes it.")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
if record:
    figure(
        panels(record),
        id="anogen-fig-campaign",
        records=[record],
        **described(record),
    )

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real rows its own are.

# %% tags=["remove-input"]
if record:
    table(*audited(record))
    markdown(explained(record))

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
if record:
    markdown("\n".join(f"- {sentence}" for sentence in lessons(record)))

# %% [markdown]
# Columns of zeros and ones are where averages mislead: a customer who is 0.6 married does not exist, and yet is the most normal one to a detector that measures distances to a mean. The search does not
# arrive there. It steps by ranks among the values of the data, and between zeros and ones there is no rank to stand on; that is part of the distances to the optimum in the table.
