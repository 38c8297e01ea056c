# %% [markdown]
# # Playground: detectors in two dimensions
#
# *A playground of two pixels*

# %% [markdown] tags=["book-only"]
# ```{glance} playground
# question: What does the score of a detector look like, and where does a search end?
# here: {glue}`detectors` detectors of {glue}`points` points with two coordinates, most on an arc, the others in a small cloud below it. The score is a landscape that you can walk down.
# finding: The most normal point is not always near the data: for GMM it is {glue}`gmm_distance` from the nearest training point, in a square of side 1.
# ```

# %% tags=["parameters"]
scale = "laptop"
seed = 0

# %% tags=["remove-input"]
from companion.notebook import figure, glue, load_records, table
from notebooks.beyond.playground.figures import distance_to_data, fig_score_fields, show_playground, table_ends

record = load_records("playground", scale, seed=seed)["playground"]
glue(
    detectors=len(record["entries"]),
    points=len(record["points"]),
    gmm_distance=f"{distance_to_data(record, 'gmm'):.2f}",
)

# %% [markdown]
# ## Walk down a score
#
# Choose a detector, click a start, and watch. Where the score has a slope, each step goes against the gradient; where it has steps, a small population evolves as in all chapters. The page contains the detectors' numbers and computes every score itself, without the network; a test compares the scores with Python's. Without scripts, see {numref}`anogen-fig-playground`.

# %% tags=["remove-input"]
show_playground(record)

# %% [markdown]
# Try:
#
# - **GMM.** Every start ends at the mean, where no training point is.
# - **KDE.** There is a valley at every group of points, so the end depends on the start.
# - **HBOS, COPOD, ECOD.** Each coordinate is scored alone. The lowest point combines the best of both, on the arc or not.
# - **SVDD (untrained).** The landscape of a random network. Its lowest point is the mean, because no layer has a bias.
# - **Autoencoder.** The reconstruction passes through one number, so it is good along one curve. The curve crosses the gap between the cloud and the arc, and the score is low there, too.

# %% [markdown]
# ## All landscapes

# %% tags=["remove-input"]
caption = f"Scores in the unit square, by rank (dark: normal), for {len(record['entries'])} detectors of {len(record['points'])} points (white). Ring: the lowest score, exact or on a fine grid (see the table). Crosses: ends of {record['ends'].shape[1]} evolutions from noise."
alt = "A square panel for each detector, dark where its score is low. The dark parts follow the arc and the cloud of training points for the detectors of neighbours, kernels and mixtures; for one normal distribution, the untrained network and COPOD they lie in the empty middle between them."
figure(fig_score_fields(record), id="anogen-fig-playground", caption=caption, alt=alt, records=[record])
table(*table_ends(record))

# %% [markdown]
# Scores of the ends minus the lowest score, in interquartile ranges of the training scores. Where the lowest score was taken on a grid, a walk may end slightly below it.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - Detectors of neighbours, kernels and mixtures are most normal on the data; one Gaussian, COPOD and the untrained network in the empty middle.
# - Even in two dimensions, a search can end in a local minimum.
