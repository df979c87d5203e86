"""`python -m tests.faults`: what Pupil survives, done to it for real, under load.

Apart from the tests' suite: it takes an hour. `app` runs Pupil as users do, `surroundings` what it
stands on, `load` works with it, `faults` break it, `verdict` counts what is there afterwards.
"""
