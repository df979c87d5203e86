"""What reads things for pages and API, with a constant number of queries."""
