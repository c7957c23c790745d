"""What people keep in sheets: reading CSV and XLSX, whatever the columns are called, and writing both."""
