# %% [markdown]
# # A map of the normal
#
# *The most normal image for every amount of ink and roughness*

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "gmm", "pca", "deep-svdd", "loda", "hbos"]
seed = 0
