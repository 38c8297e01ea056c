# %% [markdown]
# # Other optimisers
#
# *Does the thesis's search decide what its images show?*

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "gmm", "pca", "deep-svdd-untrained", "deep-svdd", "loda", "hbos", "copod"]
optimisers = []
evaluations = 15_000
seed = 0
