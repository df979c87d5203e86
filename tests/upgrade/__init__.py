"""An installation as an earlier Pupil left it, and what makes such a dump.

`python -m tests.upgrade 0006_audit` writes `0006_audit.sql`: the tables as they were after that
migration, with one of each thing in them, as that Pupil would have written it. Dumps are kept: one
is made for each release, before the next migration.
"""
