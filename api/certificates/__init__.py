"""Certificates over HTTP: the document to be checked, and the page to be printed."""
