# %% [markdown]
# # Mode, typical set, data

# %% tags=["parameters"]
scale = "laptop"
digits = [3, 4]
seed = 0
