"""Renderers: functions from a report to text. What came from upstream is hostile in every one of them."""
