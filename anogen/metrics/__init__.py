"""How well a detector detects, and how real an image looks."""
