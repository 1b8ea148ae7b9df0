"""What clients send, read: one module a protocol, each a pure function from bytes to an `IngestBatch`."""
