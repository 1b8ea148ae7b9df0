"""The offline side of Wherefrom: from a corpus to a published index."""
