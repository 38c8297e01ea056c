"""Generative adversarial networks: their networks, seeds and losses, and one training loop for all of them.

A detector built on a GAN is its losses and its score: it makes networks (`networks`), says who moves and by which loss
(`training.Player`), and hands both to `training.train`, which is resumable bit for bit.
"""
