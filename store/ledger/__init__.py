"""What happened, in its order: steps filed, what was decided, the timeline, under each batch's lock."""
