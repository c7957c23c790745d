"""What an outage touched: each deadline that passed in it, and whether every silence rests on facts."""
