"""``python -m training.benchmark``: what the management command runs."""

from training.benchmark.command import main

main()
