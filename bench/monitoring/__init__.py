"""The dashboard: its panels, the file for Grafana, and a picture of them by Prometheus."""
