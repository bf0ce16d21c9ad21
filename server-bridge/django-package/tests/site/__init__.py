"""A small Django site for these tests."""
