"""What a list would be after one more event, without the event."""
