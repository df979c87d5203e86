"""The query language of the search box, the address and the API.

`parser` turns a text into terms, `conditions` turns terms into what the database is asked.
"""

from webapp.selectors.searching.conditions import Found, compile_search
from webapp.selectors.searching.parser import parse
from webapp.selectors.searching.terms import BadQuery, Search

__all__ = ["BadQuery", "Found", "Search", "compile_search", "parse"]
