"""Bring it along: data sets from elsewhere, looked through first and taken in when told to."""

from webapp.services.importing.arriving import (
    find,
    forget,
    forget_unused,
    receive,
    unstarted,
)
from webapp.services.importing.inspecting import inspect, refuse
from webapp.services.importing.intake import clear_up, give_up, start, take_in

__all__ = [
    "clear_up",
    "find",
    "forget",
    "forget_unused",
    "give_up",
    "inspect",
    "receive",
    "refuse",
    "start",
    "take_in",
    "unstarted",
]
