"""Generative adversarial networks: networks, seeds, losses, and one training loop for all of them.

A detector built on a GAN makes its networks (`networks`, `objectives`), states which of them each step trains and by
which loss (`training.TrainStep`), and passes both to `training.train`, which resumes bit for bit.
"""
