"""Measures learning against what others use, on folders of pictures."""
