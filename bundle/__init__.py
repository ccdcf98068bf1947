"""One archive that installs and runs without a network."""
