"""The online side of Wherefrom: from a text to the documents its passages stand in."""
