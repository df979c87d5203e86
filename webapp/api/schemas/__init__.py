"""What the API says, field by field.

Answers are plain pydantic models. Ninja's own schema looks at every value through a getter for
Django's objects, for which nothing here has a use: it was a third of what a gallery page cost.
"""
