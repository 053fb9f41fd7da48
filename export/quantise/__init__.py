"""INT8 graphs for bundles: calibrated on some people, judged on others."""
