"""The desk: pages for staff, through the same doors as every other client of the API."""
