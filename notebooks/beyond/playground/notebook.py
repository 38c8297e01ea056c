# %% [markdown]
# # Playground: detectors in two dimensions
#
# *A playground of two pixels*
#
# An image of 784 pixels is a point in a space that nobody can see. An image of two pixels is a point in a square. Here the detectors of this book are
# trained on such points: most lie on an arc, the others in a small cloud below it. What a detector believes is normal is then a landscape, and to let it
# draw is to walk downhill.

# %% tags=["parameters"]
scale = "laptop"
seed = 0

# %% tags=["remove-input"]
from companion.notebook import figure, load_records, table
from notebooks.beyond.playground.figures import fig_score_fields, show_playground, table_ends

record = load_records("playground", scale, seed=seed)["playground"]

# %% [markdown]
# With scripts you can walk yourself. Choose a detector, click a start, and watch. Where the score has a slope, each step goes against the gradient; where it has
# stairs, a small population evolves as in all chapters. The page has the detectors' own numbers inside, and computes every score with them as you
# look: nothing is asked for over the network. A test compares these scores with Python's.

# %% tags=["remove-input"]
show_playground(record)

# %% [markdown]
# {numref}`anogen-fig-playground` shows the same landscapes, and where evolutions ended that started from noise over the whole square.

# %% tags=["remove-input"]
caption = f"The scores of {len(record['entries'])} detectors of {len(record['points'])} points in the unit square (white dots), by rank: dark is normal, bright anomalous. Ring: the lowest score, as far as it is known. Crosses: the ends of {record['ends'].shape[1]} evolutions from noise."
alt = "A square panel for each detector, dark where its score is low. The dark parts follow the arc and the cloud of training points for the detectors of neighbours, kernels and mixtures; for one normal distribution, the untrained network and COPOD they lie in the empty middle between them."
figure(fig_score_fields(record), id="anogen-fig-playground", caption=caption, alt=alt, records=[record])

# %% [markdown]
# Things to try:
#
# - **GMM.** Wherever one starts, one ends at the mean, where no training point is: the detector's most normal point is something that it has never seen.
# - **KDE.** There is a valley at every knot of points, so where one ends depends on where one starts; far away there is hardly a slope to follow, but the sign of it is enough.
# - **HBOS, COPOD, ECOD.** Each coordinate is judged alone. The lowest point is where the best of both meet, arc or not.
# - **SVDD (untrained).** The landscape of a random network. It has its lowest point at the mean all the same, since no layer has a bias.
# - **Autoencoder.** Its copy has to pass through one number, so it is good along one curve. The curve also crosses the gap between the cloud and the arc,
#   where there are no points, and the score is low there.
#
# How far the search stays above what is possible, in interquartile ranges of the training scores:

# %% tags=["remove-input"]
table(*table_ends(record))
