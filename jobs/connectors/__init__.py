"""Flink's connector for Kafka: a jar of Maven Central, which the Python packages do not bring."""
