"""Supervised processes that search indexes by name, so that no search can hold up or end the service."""
