"""Quality records of sellers, producers, products and platforms."""
