"""The case record and the HTML report with its pictures."""
