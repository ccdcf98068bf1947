"""A question that leans on the conversation → a few that stand alone, of which what is found chooses. May import: text, index."""
