"""The changes of the trace store's tables, one file a change, the same for both databases."""
