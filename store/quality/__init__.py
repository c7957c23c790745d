"""Quality records of sellers, producers, products and platforms, and the figures of batches."""
