"""What touches the world, one module for each thing it touches. Decides no law."""
