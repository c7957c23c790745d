"""Evidence over HTTP: uploads (tus 1.0), what is known of it, its bytes, its keepers."""
