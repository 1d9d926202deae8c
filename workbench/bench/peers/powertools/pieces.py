"""What a function has one of, whichever of its entries runs."""

from aws_lambda_powertools import Logger, Metrics, Tracer

logger, tracer, metrics = Logger(), Tracer(), Metrics()
