"""HTTP: the application, its routes and what guards them. May import: index, query, tracing, bot, render."""
