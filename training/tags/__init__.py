"""The general model: what pictures show, in everyday words, without anyone having taught it.

The bundled networks came with a classifier of 1,000 ImageNet concepts. It is a matrix product on
features that are computed anyway. WordNet says what these concepts are kinds of, so that a beagle
is a dog, and a dog an animal.
"""
