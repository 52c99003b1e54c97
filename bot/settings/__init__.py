"""What has been configured? Secrets from the environment, the rest from one YAML file and the environment."""
