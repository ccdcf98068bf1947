"""The two neural models and what opens them; the weights lie beside the code. May import: nothing."""
