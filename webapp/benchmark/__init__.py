"""Measures the whole app from outside, over HTTP, on a home of its own."""
