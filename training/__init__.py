"""Make the models that the project ships; nothing here is needed to run it."""
