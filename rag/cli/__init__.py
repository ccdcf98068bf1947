"""The commands: data on stdout, messages on stderr. May import: ingest, models, index, retrieval, verify, bot, render, evaluation, server."""
