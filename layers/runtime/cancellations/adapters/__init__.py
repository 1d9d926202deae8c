"""The outside behind the ports: AWS by botocore, Prevail by requests, Lambda's events. Decides nothing."""
