# %% [markdown]
# # Counterfactuals: what would have to change?

# %% tags=["parameters"]
scale = "laptop"
digit = 4
quantile = 0.9
seed = 0
