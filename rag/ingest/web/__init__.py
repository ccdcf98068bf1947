"""Saved web pages: their lines, what is around an article, and the article. May import: text."""
