"""Learning from a few pictures: arrays and paths only, no Django and no database."""
