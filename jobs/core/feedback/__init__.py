"""What users were shown: impressions, and the clicks on what was recommended."""
