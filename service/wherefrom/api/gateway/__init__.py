"""The gateway: requests to the APIs of models, passed on unchanged and recorded beside the way."""
