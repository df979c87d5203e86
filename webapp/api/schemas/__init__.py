"""What the API says, field by field."""
