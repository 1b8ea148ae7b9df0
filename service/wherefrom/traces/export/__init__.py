"""Traces with their provenance in forms that other systems read, one module a form."""
