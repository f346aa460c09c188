"""Files for Prometheus and Grafana: a scrape configuration, alert rules, a dashboard."""
