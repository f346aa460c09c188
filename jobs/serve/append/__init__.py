"""Appends records to the streams that the job reads; an answer comes when they are durable."""
