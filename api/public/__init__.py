"""The public site: results and announcements, for people, spreadsheets, feed readers and programs."""
