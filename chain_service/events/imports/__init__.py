"""Posting many by spreadsheet: a CSV or XLSX file becomes milestones or descriptions, row by row."""
