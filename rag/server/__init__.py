"""HTTP: the application, its routes and what guards them. May import: index, query, retrieval, answering, tracing, bot, render."""
