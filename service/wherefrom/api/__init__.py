"""The HTTP service: one router a resource."""
