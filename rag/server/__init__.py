"""HTTP: the application, its routes and what guards them. May import: index, query, answering, tracing, bot, render."""
