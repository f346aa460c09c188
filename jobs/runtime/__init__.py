"""Starting and watching Flink from the pip packages alone."""
